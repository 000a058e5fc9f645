"""A small, faithful fake of a run folder, as the pipeline writes it, for tests of the report."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import soundfile
from safetensors.numpy import save_file

from oscine.catalog.tables import (
    AUDIT,
    CLUSTERS,
    DEPARTURES,
    FINDINGS,
    RECORDINGS,
    conform,
    empty,
)
from oscine.evaluate import (
    BootstrapConfig,
    CalibrationConfig,
    ClassDraws,
    bootstrap_differences,
    bootstrap_intervals,
    by_frequency,
    deal,
    decide,
    evaluate_scores,
    per_class,
)
from oscine.features import FeatureConfig, resolve
from oscine.pipeline.decisions import decided_to_plain, source_of

N_PRETRAIN, N_TARGET, N_FOLDS = 30, 14, 3
SAMPLE_RATE, WINDOW_S = 16_000, 2.0
FIRST = ("Ashen", "Barred", "Crested", "Dusky", "Eastern", "Fork-tailed", "Great", "Hooded")
SECOND = ("Reedling", "Whistler", "Thrush of the Marsh", "Buzzard")
LICENSES = ("CC BY-NC-SA 4.0", "CC BY 4.0", None)

RECIPE = """name: chorus-small
seed: 42
catalogs:
- {name: chorus-2031, role: pretrain}
- {name: chorus-2032, role: target}
audio: {window_s: 2.0, sample_rate: 16000}
audit: {enabled: true}
pretrain_folds: {selected: [0]}
target_folds: {selected: [1]}
pretrain:
  sampling: {upsample: 10, downsample: 40, weight_power: null}
finetune:
  sampling: {upsample: 12, downsample: null, weight_power: 0.5}
"""

TAXONOMY = {
    "tables": [{"path": "/data/taxonomy_2031.csv", "content_hash": "00", "taxa": 16_753}],
    "crosswalk": None,
    "counts": {
        "chorus-2031": {"labels": 31, "renamed": 1, "code": 29, "older_name": 1, "unresolved": 1},
        "chorus-2032": {"labels": 14, "renamed": 0, "code": 14},
    },
    "labels": [
        {
            "catalog": "chorus-2031",
            "label": "sp0x",
            "code": "sp00",
            "how": "older_name",
            "table": "taxonomy_2030.csv",
            "recordings": 3,
            "secondary": 1,
        },
        {
            "catalog": "chorus-2031",
            "label": "sp99",
            "code": "sp99",
            "how": "unresolved",
            "table": None,
            "recordings": 2,
            "secondary": 0,
            "detail": "no table knows it",
            "ids": ["chorus-2031/sp99/XC1", "chorus-2031/sp99/XC2"],
        },
    ],
    "disagreements": [
        {
            "kind": "two_names",
            "codes": ["sp01"],
            "names": ["Oscinus a", "Oscinus b"],
            "catalogs": ["chorus-2031"],
            "recordings": 7,
            "detail": "sp01 is called Oscinus a, Oscinus b",
        }
    ],
}


def species(n: int) -> list[dict[str, str]]:
    return [
        {
            "species_code": f"sp{i:02d}",
            "scientific_name": f"Oscinus {FIRST[i % 8].lower()}",
            "common_name": f"{FIRST[i % 8]} {SECOND[i // 8]}",
        }
        for i in range(n)
    ]


def put_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def put_table(path: Path, table: pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.write_parquet(path)


def recordings(catalog: str, n_classes: int, most: int, audio: Path) -> pl.DataFrame:
    """A long tail: class i has about most / (i + 1) recordings, at least two."""
    rows = [
        {
            "recording_id": f"{catalog}/{code['species_code']}/XC{1000 * place + k}",
            "catalog": catalog,
            "filename": f"XC{1000 * place + k}.wav",
            "filepath": str(audio / f"{code['species_code']}-{k % 2}.wav"),
            "xc_id": f"XC{1000 * place + k}",
            "primary_label": code["species_code"],
            "secondary_labels": [],
            "scientific_name": code["scientific_name"],
            "common_name": code["common_name"],
            "author": f"recordist {k % 7}",
            "license": LICENSES[k % 3],
            "latitude": None if k % 5 == 4 else 50.0 + place % 6,
            "longitude": None if k % 5 == 4 else -4.0 + k % 9,
            "rating": None if k % 4 == 3 else 5.0 - k % 4,
            "type": ["Song", "male"] if k % 2 else ["call", ""],
        }
        for place, code in enumerate(species(n_classes))
        for k in range(max(2, most // (place + 1)))
    ]
    return conform(pl.DataFrame(rows), RECORDINGS)


def write_songs(folder: Path) -> None:
    """Two short songs a species: a sweep that rises with the species' number, in a little noise."""
    folder.mkdir(parents=True, exist_ok=True)
    t = np.arange(int(3 * SAMPLE_RATE)) / SAMPLE_RATE
    for place, code in enumerate(species(N_PRETRAIN)):
        for k in range(2):
            noise = np.random.default_rng([place, k]).normal(0, 0.01, len(t))
            phase = 2 * np.pi * ((1500 + 150 * place) * t + 60 * np.sin(2 * np.pi * (2 + k) * t))
            song = 0.3 * np.sin(phase) * (np.sin(2 * np.pi * 1.5 * t) > 0) + noise
            soundfile.write(folder / f"{code['species_code']}-{k}.wav", song, SAMPLE_RATE)


def write_catalog(run: Path, tables: dict[str, pl.DataFrame]) -> None:
    for part, table in tables.items():
        put_table(run / f"catalog/{part}.parquet", table)
    gone = [
        ("duplicates", "duplicate_key"),
        ("target overlap", "target_overlap"),
        ("corrupt list", "corrupt_list"),
    ]
    departures = [
        {
            "recording_id": f"a/{i}",
            "catalog": "chorus-2031",
            "primary_label": "sp00",
            "xc_id": f"XC{i}",
            "filepath": f"/data/a/XC{i}.ogg",
            "step": gone[i % 3][0],
            "reason": gone[i % 3][1],
            "detail": "b/1",
        }
        for i in range(30)
    ]
    put_table(run / "catalog/departures.parquet", conform(pl.DataFrame(departures), DEPARTURES))
    put_table(run / "catalog/conflicts.parquet", empty(FINDINGS))
    put_json(run / "catalog/taxonomy.json", TAXONOMY)
    n_pretrain, n_target = (tables[part].height for part in ("pretrain", "target"))
    steps = [
        {"step": "read", "part": "chorus-2031", "rows": n_pretrain + 30, "removed": 0},
        {"step": "read", "part": "chorus-2032", "rows": n_target, "removed": 0},
        {"step": "concatenate", "part": "pretrain", "rows": n_pretrain + 30, "removed": 0},
        {"step": "concatenate", "part": "target", "rows": n_target, "removed": 0},
        {"step": "duplicates", "part": "pretrain", "rows": n_pretrain + 12, "removed": 18},
        {"step": "license", "part": "pretrain", "rows": n_pretrain + 12, "removed": 0},
        {"step": "target_overlap", "part": "pretrain", "rows": n_pretrain, "removed": 12},
    ]
    licenses = {"CC BY-NC-SA 4.0": 120, "CC BY 4.0": 80, "unknown": 11}
    put_json(
        run / "catalog/waterfall.json",
        {
            "steps": steps,
            "rows_per_catalog": {"chorus-2031": 190, "chorus-2032": n_target, "xc": 41},
            "licenses": licenses,
        },
    )


def write_audit(run: Path, tables: dict[str, pl.DataFrame]) -> None:
    for part, table in tables.items():
        put_table(run / f"audit/{part}.parquet", table)
    target = tables["target"]
    audit = target.select("recording_id", "filepath").with_columns(
        pl.lit(3.0).alias("duration_s"),
        pl.lit(SAMPLE_RATE).alias("sample_rate"),
        pl.lit(1).alias("n_channels"),
    )
    put_table(run / "audit/audit.parquet", conform(audit, AUDIT))
    reasons = ["silent", "unreadable", "short", "short", "short", "clipped"]
    findings = [
        {
            "recording_id": f"chorus-2031/x{i}",
            "filepath": f"/data/x{i}.ogg",
            "reason": reasons[i % 6],
            "quarantined": i % 6 < 2,
            "detail": f"peak {i / 1000:.3f}",
        }
        for i in range(33)
    ]
    twins = target.unique("primary_label", maintain_order=True).head(2)
    findings += [
        {
            "recording_id": row["recording_id"],
            "filepath": row["filepath"],
            "reason": "label_conflict",
            "quarantined": False,
            "detail": "content_hash stands as sp00, sp01",
        }
        for row in twins.iter_rows(named=True)
    ]
    put_table(run / "audit/findings.parquet", conform(pl.DataFrame(findings), FINDINGS))
    clusters = twins.select("recording_id", cluster=pl.lit("00ff"))
    put_table(run / "audit/clusters.parquet", conform(clusters, CLUSTERS))
    put_table(run / "audit/departures.parquet", empty(DEPARTURES))
    steps = [
        {"step": "audit", "part": part, "rows": table.height, "removed": 4}
        for part, table in tables.items()
    ]
    put_json(run / "audit/waterfall.json", {"steps": steps})


def write_folds(run: Path, tables: dict[str, pl.DataFrame]) -> None:
    for part, table in tables.items():
        fold = (pl.int_range(pl.len()) % N_FOLDS).cast(pl.Int64)
        put_table(
            run / f"folds/{part}.parquet",
            table.select(
                "recording_id",
                pl.col("author").alias("group"),
                fold.alias("fold"),
                (pl.len().over("primary_label") > 3).alias("cv"),
            ),
        )
    keys = {
        name: {"groups": n, "rows": rows, "leaks": 0}
        for name, n, rows in [("recording", 0, 192), ("recordist", 7, 192), ("duplicate", 0, 0)]
    }
    put_json(run / "folds/leaks.json", {"pretrain": None, "target": keys})
    put_json(
        run / "folds/classes.json",
        {"pretrain": species(N_PRETRAIN), "target": species(N_TARGET)},
    )


def fake_scores(table: pl.DataFrame, strength: float) -> np.ndarray:
    """Scores that know the truth, better where the class is common or the strength great."""
    draws = np.random.default_rng(5)
    truth = table["primary_label"].str.slice(2).cast(pl.Int64).to_numpy()
    logits = draws.normal(0, 1, (len(truth), N_TARGET))
    logits[np.arange(len(truth)), truth] += strength * (1.5 - truth / N_TARGET)
    odds = np.exp(logits)
    return odds / odds.sum(axis=1, keepdims=True)


def write_fit(run: Path, stage: str, fold: int, table: pl.DataFrame, strength: float) -> None:
    folder = run / f"fits/{stage}/fold-{fold}"
    folder.mkdir(parents=True)
    history = [
        {
            "epoch": epoch,
            "step": 20 * (epoch + 1),
            "lr": 1e-3,
            "train_loss": 2.2 * np.exp(-epoch / 5) + 0.5,
            "val_loss": 2.0 * np.exp(-epoch / 4) + 0.5 + 0.05 * fold + 0.01 * epoch,
            "pr_auc": 0.8 * (1 - np.exp(-strength * (epoch + 1) / 6)),
            "accuracy": 0.7 * (1 - np.exp(-strength * (epoch + 1) / 6)),
            "macro_roc_auc": None if epoch == 0 else 0.9,
            "cmap": (0.75 - 0.03 * fold) * (1 - np.exp(-strength * (epoch + 1) / 6)),
            "padded_cmap": 0.8,
            "seconds": 2.0,
            "clips_per_second": 100.0,
            "wait_fraction": 0.1,
        }
        for epoch in range(12)
    ]
    lines = "\n".join(json.dumps(row) for row in history) + "\n"
    (folder / "history.jsonl").write_text(lines, encoding="utf-8")
    put_json(
        folder / "fit.json",
        {
            "stage": stage,
            "fold": fold,
            "best_epoch": 10,
            "monitor": "cmap",
            "best_value": history[10]["cmap"],
            "epochs": 12,
            "steps": 240,
            "seconds": 31.5,
            "n_training": 150,
            "n_validation": 50,
            "n_parameters": 412_000,
            "n_classes": table["primary_label"].n_unique(),
            "device": "cpu",
            "initial_weights": "pretrain/fold-0" if stage == "finetune" else "random",
            "carried_head_rows": 9 if stage == "finetune" else 0,
            "clips_per_second": 96.4,
            "breakdown": {
                "decode": 6.0,
                "augment": 3.1,
                "features": 2.5,
                "forward": 7.7,
                "backward": 10.1,
                "wait": 2.1,
            },
        },
    )
    counts = table.group_by(pl.col("primary_label").alias("species_code")).len("n")
    shown = counts.with_columns(pl.max_horizontal(pl.min_horizontal("n", 30), 12).alias("n"))
    epochs = [
        shown.select(
            pl.lit(epoch).alias("epoch"),
            "species_code",
            "n",
            pl.col("n").clip(upper_bound=5 + epoch).alias("recordings"),
            pl.lit(3).alias("recordists"),
        )
        for epoch in range(12)
    ]
    put_table(folder / "exposures.parquet", pl.concat(epochs))


def write_out_of_fold(run: Path, stage: str, table: pl.DataFrame, scores: np.ndarray) -> None:
    rows = table.select("recording_id", "filename", "filepath", "primary_label", "secondary_labels")
    rows = rows.with_columns(
        (pl.int_range(pl.len()) % N_FOLDS).cast(pl.Int64).alias("fold"),
        pl.Series("scores", scores.astype(np.float32).tolist(), dtype=pl.List(pl.Float32)),
    )
    for fold in range(N_FOLDS):
        put_table(
            run / f"fits/{stage}/fold-{fold}/out_of_fold.parquet",
            rows.filter(pl.col("fold") == fold),
        )


def write_evaluation(run: Path, table: pl.DataFrame, scores: dict[str, np.ndarray]) -> None:
    truth = table["primary_label"].str.slice(2).cast(pl.Int64).to_numpy()
    targets = np.eye(N_TARGET)[truth]
    groups = table["recording_id"].to_list()
    few = BootstrapConfig(n=10)
    metrics: dict[str, Any] = {}
    classes, confusions, draws = [], [], {}
    for stage, values in scores.items():
        pooled = bootstrap_intervals(targets, values, groups, 0, few)
        folds = {
            str(k): evaluate_scores(targets[k::N_FOLDS], values[k::N_FOLDS]) for k in range(N_FOLDS)
        }
        metrics[stage] = {
            "pooled": {name: found and found.to_plain() for name, found in pooled.items()},
            "folds": folds,
            "n_folds": dict.fromkeys(pooled, N_FOLDS),
            "mean": {name: float(np.mean([f[name] for f in folds.values()])) for name in pooled},
            "spread": {name: float(np.std([f[name] for f in folds.values()])) for name in pooled},
            "n": table.height,
        }
        found = per_class(targets, values)
        draws[stage] = ClassDraws.of(targets, values, groups, 0, few)
        ends = [draws[stage].interval(place) for place in range(N_TARGET)]
        classes.append(
            pl.DataFrame(species(N_TARGET)).with_columns(
                pl.lit(stage).alias("stage"),
                pl.Series("n_recordings", found["n_positive"] * 2),
                pl.Series("n_validation", found["n_positive"]),
                pl.Series("average_precision", found["average_precision"]),
                pl.Series("average_precision_low", [one.low for one in ends]),
                pl.Series("average_precision_high", [one.high for one in ends]),
                pl.Series("roc_auc", found["roc_auc"]),
            )
        )
        pairs = pl.DataFrame({"a": truth, "b": values.argmax(axis=1)}).group_by("a", "b").len("n")
        codes = [row["species_code"] for row in species(N_TARGET)]
        confusions.append(
            pairs.select(
                pl.lit(stage).alias("stage"),
                pl.col("a").replace_strict(dict(enumerate(codes))).alias("species_code"),
                pl.col("b").replace_strict(dict(enumerate(codes))).alias("predicted"),
                pl.col("n").cast(pl.Int64),
            )
        )
    if len(scores) == 2:
        pair = (scores["finetune"], scores["baseline"])
        differences = bootstrap_differences(targets, pair, groups, 0, few)
        plain = {name: found and found.to_plain() for name, found in differences.items()}
        metrics["difference"] = {"finetune-baseline": plain}
        draws["finetune-baseline"] = draws["finetune"].minus(draws["baseline"])
    counts = 2 * targets.sum(axis=0)
    bins = [{"stage": s, **row} for s, one in draws.items() for row in by_frequency(one, counts)]
    put_table(run / "evaluate/by_frequency.parquet", pl.DataFrame(bins))
    put_json(run / "evaluate/metrics.json", metrics)
    if "finetune" in scores:
        put_json(run / "evaluate/calibration.json", decided(targets, scores["finetune"], groups))
    put_table(run / "evaluate/per_class.parquet", pl.concat(classes))
    put_table(run / "evaluate/confusions.parquet", pl.concat(confusions))


def decided(targets: np.ndarray, scores: np.ndarray, groups: list[str]) -> dict[str, Any]:
    """Decide with fewer positives than usual: a class has four rows here."""
    config = CalibrationConfig(precision=0.5, min_positives=4, isotonic_positives=5)
    known = np.ones(targets.shape, dtype=bool)
    found = decide(targets, np.clip(scores, 0, 1), known, deal(groups), config)
    source = source_of("out_of_fold", "chorus-small", config, len(targets), len(set(groups)))
    codes = [row["species_code"] for row in species(N_TARGET)]
    return decided_to_plain(found, codes, config, source)


def write_scan(run: Path) -> None:
    draws = np.random.default_rng(9)
    rows = [
        {
            "filepath": f"/data/soundscape_{file}.ogg",
            "filename": f"soundscape_{file}.ogg",
            "start_s": 5.0 * window,
            "end_s": 5.0 * window + 5.0,
            "species_code": code["species_code"],
            "scientific_name": code["scientific_name"],
            "common_name": code["common_name"],
            "score": float(draws.random()),
        }
        for file in range(2)
        for window in range(24)
        for code in species(N_TARGET)
        if draws.random() < 0.15
    ]
    put_table(run / "scan/detections.parquet", pl.DataFrame(rows))
    put_table(run / "scan/findings.parquet", empty(FINDINGS))
    facts = {"files": 2, "windows": 48, "seconds": 1.9, "audio_seconds": 240.0}
    put_json(run / "scan/scan.json", facts | {"realtime_factor": 126.0})
    put_json(run / "scan/metrics.json", {"macro_roc_auc": 0.913, "cmap": 0.612})


def write_examples(run: Path, table: pl.DataFrame) -> None:
    """Two clips that were recognised worst and one that was best, with maps that name no call."""
    spec = resolve(
        FeatureConfig(n_fft=512, n_mels=24, n_frames=40, f_min_hz=150, f_max_hz=8000),
        SAMPLE_RATE,
        WINDOW_S,
    )
    draws = np.random.default_rng(4)
    rows, pictures = [], {}
    (run / "examples/sounds").mkdir(parents=True)
    for place, kind in enumerate(["worst", "worst", "best"]):
        name, truth = f"{place:03d}", table.row(place, named=True)
        scores = (0.1, 0.8) if kind == "worst" else (0.9, 0.05)
        rows.append(
            {
                "example": name,
                "kind": kind,
                "recording_id": truth["recording_id"],
                "filename": truth["filename"],
                "fold": place % N_FOLDS,
                "start_s": 0.5 * place,
                "primary_label": truth["primary_label"],
                "predicted": "sp05",
                "right": scores[0],
                "wrong": scores[1],
            }
        )
        pictures[f"{name}/image"] = draws.normal(-60, 9, (24, 40)).astype(np.float16)
        for key in ("label", "predicted")[: 2 if kind == "worst" else 1]:
            pictures[f"{name}/{key}"] = draws.random((2, 3), np.float32)
        noise = draws.normal(0, 0.1, int(WINDOW_S * SAMPLE_RATE))
        soundfile.write(run / f"examples/sounds/{name}.flac", noise, SAMPLE_RATE)
    put_table(run / "examples/examples.parquet", pl.DataFrame(rows))
    save_file(pictures, run / "examples/pictures.safetensors")
    put_json(run / "examples/front_end.json", spec.to_plain())


def write_run(run: Path, without: Collection[str] = ()) -> Path:
    """Write a run folder.

    Args:
        run: Where; must not exist.
        without: Parts to leave out: catalog, audit, folds, fits, pretrain, baseline, evaluate,
            bundle, scan, examples, audio.
    """
    audio = run.parent / "audio"
    tables = {
        "pretrain": recordings("chorus-2031", N_PRETRAIN, 120, audio),
        "target": recordings("chorus-2032", N_TARGET, 60, audio),
    }
    strengths = {"pretrain": 2.6, "finetune": 2.6, "baseline": 1.5}
    stages = [stage for stage in strengths if stage not in without]
    seconds = {"catalog": 0.4, "audit": 4.8, "folds": 0.2, "pretrain": 96.2, "finetune": 61.0}
    seconds |= {"baseline": 60.3, "evaluate": 5.1, "bundle": 9.9, "scan": 1.9}
    put_json(
        run / "run.json",
        {
            "name": "chorus-small",
            "comment": "Synthetic chorus, two years, smallest setting",
            "seed": 42,
            "created": "2031-05-04T06:12:44+00:00",
            "command": "oscine run examples/chorus.yaml --out runs/chorus-small",
            "versions": {"python": "3.11.7", "oscine": "0.1.0", "torch": "2.14.0"},
            "hardware": {"cpu": "x86_64", "cores": 2, "memory_gib": 24.0, "device": "cpu"},
            "git": {"commit": "5a151cd0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6", "dirty": True},
            "stages": [
                {
                    "stage": name,
                    "fingerprint": "00",
                    "seconds": spent,
                    "status": "done",
                    "peak_memory_gib": 1.25,
                }
                for name, spent in seconds.items()
                if name not in without
            ],
        },
    )
    (run / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    if "audio" not in without:
        write_songs(audio)
    if "catalog" not in without:
        write_catalog(run, tables)
    if "audit" not in without:
        write_audit(run, tables)
    if "folds" not in without:
        write_folds(run, tables)
    scores = {s: fake_scores(tables["target"], strengths[s]) for s in stages if s != "pretrain"}
    if "fits" not in without:
        for stage in stages:
            for fold in range(1 if stage == "pretrain" else N_FOLDS):
                part = "pretrain" if stage == "pretrain" else "target"
                write_fit(run, stage, fold, tables[part], strengths[stage])
        for stage, values in scores.items():
            write_out_of_fold(run, stage, tables["target"], values)
    if "evaluate" not in without:
        write_evaluation(run, tables["target"], scores)
    if "bundle" not in without:
        n_samples = int(WINDOW_S * SAMPLE_RATE)
        features = {"sample_rate": SAMPLE_RATE, "n_samples": n_samples}
        put_json(run / "bundle/bundle.json", {"name": "chorus-small", "features": features})
    if "scan" not in without:
        write_scan(run)
    if "examples" not in without:
        write_examples(run, tables["target"])
    return run
