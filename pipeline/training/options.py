"""The options that the training commands share, each explained once; a command's own stay with it."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.training.datasets import FormatName

Data = Annotated[
    Path,
    typer.Option(
        help="A data set in its upstream layout, or a folder with several side by side, such as clothing-co-parsing/ "
        "and clothing-dataset/. docs/models.md lists what can be read.",
        show_default=False,
    ),
]
Format = Annotated[FormatName, typer.Option(help="The sets' format; auto tells it by the files and takes every set.")]
Most = Annotated[
    int, typer.Option(min=1, help="Photos or garments taken of each large public set, a fixed choice spread over it.")
]
Out = Annotated[
    Path, typer.Option(help="Folder of models that the result is written to: weights, card, registry entry.")
]
Samples = Annotated[int, typer.Option(min=1, help="Pictures or garments an epoch.")]
Epochs = Annotated[int, typer.Option(min=1, help="Passes over the training pictures.")]
Rate = Annotated[float, typer.Option(help="Peak learning rate of AdamW; it rises first and then falls like a cosine.")]
Keep = Annotated[
    float, typer.Option(min=0, max=0.9, help="Average the new weights with the bundled ones of --start, at this share.")
]
Drapes = Annotated[
    Path, typer.Option(help="Folder of the studio's second drapes, the catalogue beside it; may be absent.")
]
Run = Annotated[Path, typer.Option(help="Folder for the checkpoint of the last epoch, curves.csv and curves.png.")]
Cache = Annotated[Path, typer.Option(help="Folder for decoded pictures and masks; may be deleted at any time.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the last epoch of --run.")]
Seed = Annotated[int, typer.Option(help="Fixes the choice and order of pictures; figures still vary a little.")]
Workers = Annotated[int, typer.Option(min=0, help="Processes that prepare pictures; 0 prepares them in this one.")]
Device = Annotated[str, typer.Option(help="Where to compute, as torch names it: cpu, cuda, cuda:1.")]
TensorBoard = Annotated[
    bool, typer.Option("--tensorboard", help="Write the curves for TensorBoard, too; needs the package tensorboard.")
]
