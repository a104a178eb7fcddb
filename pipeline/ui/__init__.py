"""The page: one file a concern. Nothing here imports a model library; the models come from `loading`."""
