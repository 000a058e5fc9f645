"""Two small taxonomies in the forms of their years, after changes that eBird really made."""

from __future__ import annotations

from pathlib import Path

OLDER = """\
\ufeffTAXON_ORDER,CATEGORY,SPECIES_CODE,PRIMARY_COM_NAME,SCI_NAME,REPORT_AS
1,species,hergul,Herring Gull,Larus argentatus,
2,issf,amhgul1,Herring Gull (American),Larus argentatus smithsonianus,hergul
3,issf,euhgul1,Herring Gull (European),Larus argentatus argentatus/argenteus,hergul
4,species,comred,Common Redpoll,Acanthis flammea,
5,species,hoared,Hoary Redpoll,Acanthis hornemanni,
6,species,grewhi1,Greater Whitethroat,Sylvia communis,
7,species,brnjay,Brown Jay,Psilorhinus morio,
8,species,extinc1,Lost Bird,Avis perdita,
"""
"""2021's columns. The gull is split later, the redpolls are lumped, the jay gets another code."""

NEWER = """\
species_code,category,English name,scientific name,report_as
amhgul1,species,American Herring Gull,Larus smithsonianus,
euhgul1,species,European Herring Gull,Larus argentatus,
redpol1,species,Redpoll,Acanthis flammea,
hoared,issf,Redpoll (Hoary),Acanthis flammea hornemanni/exilipes,redpol1
grewhi1,species,Greater Whitethroat,Curruca communis,
brojay1,species,Brown Jay,Psilorhinus morio,
graher1,species,Gray Heron,Ardea cinerea,
rocpig1,domestic,Rock Pigeon,Columba livia,rocpig
rocpig,species,Rock Pigeon,Columba livia,
twin1,species,Twin,Avis una,
twin2,species,Twin,Avis altera,
"""
"""Later columns."""

NUMBERS = """\
primary_label,inat_taxon_id,scientific_name,common_name,class_name
1139490,1139490,Ragoniella pulchella,Ragoniella pulchella,Insecta
grbher3,4956,Ardea cinerea,Grey Heron,Aves
"""
"""A competition's taxonomy.csv: a label may be a number, and a code may be outdated."""


def write(folder: Path, **texts: str) -> list[Path]:
    """Write taxonomies; their names are those of the arguments."""
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths
