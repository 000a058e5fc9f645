"""Recordings from public archives to a catalog folder: listed, chosen, fetched, accounted for.

It needs the extra `download`.
"""

from oscine.catalog.download import gbif, inaturalist
from oscine.catalog.download.choice import Choice, ChoiceConfig, choose
from oscine.catalog.download.client import Client, Pace
from oscine.catalog.download.fetch import fetch_file
from oscine.catalog.download.folder import DownloadFolder
from oscine.catalog.download.listing import LISTING, Labelled, label, make_listing
from oscine.catalog.download.run import (
    DownloadConfig,
    Downloaded,
    Forecast,
    download,
    forecast,
    labelled,
    until_enough,
)
from oscine.catalog.download.xeno_canto import Found, XenoCanto, read_key

__all__ = [
    "LISTING",
    "Choice",
    "ChoiceConfig",
    "Client",
    "DownloadConfig",
    "DownloadFolder",
    "Downloaded",
    "Forecast",
    "Found",
    "Labelled",
    "Pace",
    "XenoCanto",
    "choose",
    "download",
    "fetch_file",
    "forecast",
    "gbif",
    "inaturalist",
    "label",
    "labelled",
    "make_listing",
    "read_key",
    "until_enough",
]
