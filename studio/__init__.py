"""The demo catalogue's studio: sews, drapes and photographs garments with Blender's Python module.

Lengths are metres unless a docstring says otherwise; pattern coordinates are x to the right and y up, with the
shoulder line (or the waist) at y = 0. Only ``simulation`` and ``scene`` (and what calls them) need ``bpy``.
"""
