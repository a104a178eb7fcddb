"""The page: one file a concern. Nothing here imports a model library; the models come from `loading`."""

import os
import sys

# gradio reads the variable when it is imported, and would end in a traceback.
_port = os.environ.get("GRADIO_SERVER_PORT", "").strip()
if not _port:
    os.environ.pop("GRADIO_SERVER_PORT", None)
elif not (_port.isascii() and _port.isdigit() and int(_port) < 65536):
    sys.exit(f"GRADIO_SERVER_PORT is “{_port}”, which is no port; set it to a number up to 65535, or leave it out.")
