"""Blender materials, lights, camera and render."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import bpy
import mathutils
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.canvas import Canvas
from studio.palette import Colour
from studio.simulation import SCALE, mesh_object

Floats = NDArray[np.float64]
FRAME = 1.17  # frame width relative to the garment's longer side
LENS = 2.5  # focal length relative to the sensor's width


def _image(name: str, pixels: NDArray[np.float32], data: bool) -> bpy.types.Image:
    rows, columns = pixels.shape[:2]
    image = bpy.data.images.new(name, columns, rows, float_buffer=data, is_data=data)
    full = np.ones((rows, columns, 4), np.float32)
    full[..., :3] = pixels if pixels.ndim == 3 else pixels[..., None]
    image.pixels.foreach_set(full[::-1].ravel())
    image.update()
    return image


def cloth_material(name: str, canvas: Canvas, bump: float, roughness: float, sheen: float) -> bpy.types.Material:
    """Cloth from a painted canvas; its wrong side is a quarter darker."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    albedo, height = canvas.pixels()
    colour = tree.nodes.new("ShaderNodeTexImage")
    colour.image, colour.interpolation = _image(name + " albedo", albedo, False), "Cubic"
    relief = tree.nodes.new("ShaderNodeTexImage")
    relief.image = _image(name + " height", height, True)
    bumps = tree.nodes.new("ShaderNodeBump")
    bumps.inputs["Strength"].default_value, bumps.inputs["Distance"].default_value = bump, 0.02
    tree.links.new(relief.outputs[0], bumps.inputs["Height"])
    tree.links.new(bumps.outputs[0], shader.inputs["Normal"])
    geometry = tree.nodes.new("ShaderNodeNewGeometry")
    mix = tree.nodes.new("ShaderNodeMix")
    mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
    tree.links.new(geometry.outputs["Backfacing"], mix.inputs["Factor"])
    tree.links.new(colour.outputs[0], mix.inputs["A"])
    mix.inputs["B"].default_value = (0.75, 0.75, 0.75, 1)
    tree.links.new(mix.outputs["Result"], shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Sheen Weight"].default_value, shader.inputs["Sheen Roughness"].default_value = sheen, 0.5
    shader.inputs["Specular IOR Level"].default_value = 0.15
    return material


def plain_material(name: str, colour: Colour, roughness: float = 0.5, metal: float = 0.0) -> bpy.types.Material:
    """One colour (sRGB in 0..1)."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    linear = np.where(colour < 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    shader.inputs["Base Color"].default_value = (*linear, 1)
    shader.inputs["Roughness"].default_value, shader.inputs["Metallic"].default_value = roughness, metal
    return material


def thicken(body: bpy.types.Object, thickness: float, levels: int = 1, offset: float = 1) -> None:
    """Smooth a surface and give it a thickness in metres."""
    if levels:
        smooth = body.modifiers.new("smooth", "SUBSURF")
        # evaluating the viewport's copy as well would only cost time
        smooth.levels, smooth.render_levels = 0, levels
        # refining up to the limit surface looks the same and takes three times as long
        smooth.use_limit_surface, smooth.uv_smooth = False, "NONE"
    solid = body.modifiers.new("solid", "SOLIDIFY")
    solid.thickness, solid.offset = thickness * SCALE, offset


def _area_light(centre: Floats, at: Floats, size: float, power: float) -> None:
    light = bpy.data.lights.new("light", "AREA")
    light.size, light.energy = size, power
    lamp = bpy.data.objects.new("light", light)
    bpy.context.scene.collection.objects.link(lamp)
    lamp.location = centre + at
    lamp.rotation_euler = mathutils.Vector(-at).to_track_quat("-Z", "Y").to_euler()


def _render_settings(size: int, samples: int, threads: int) -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples = "CPU", samples
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.06
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_quality, cycles.denoising_prefilter = "FAST", "NONE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces, cycles.transmission_bounces = (
        4,
        2,
        1,
        0,
    )
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.film_transparent = True
    scene.view_settings.view_transform, scene.view_settings.look = "Standard", "None"
    scene.view_settings.exposure = -0.08
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGBA", "8"


def _framing(corners: Floats, tilt: float) -> tuple[Floats, float]:
    """The point to aim at and the side of the square to show, after perspective (near parts look larger)."""
    right, up = np.array([1.0, 0, 0]), np.array([0, math.sin(tilt), math.cos(tilt)])
    towards = np.array([0, -math.cos(tilt), math.sin(tilt)])
    centre = (corners.min(0) + corners.max(0)) / 2
    extent = float(np.ptp(corners @ np.stack([right, up], 1), axis=0).max())
    for _ in range(3):
        offset = corners - centre
        nearer = 1 - offset @ towards / (extent * FRAME * LENS)
        seen = np.stack([offset @ right, offset @ up], 1) / nearer[:, None]
        middle = (seen.min(0) + seen.max(0)) / 2
        centre = centre + right * middle[0] + up * middle[1]
        extent = float(np.ptp(seen, axis=0).max())
    return centre, extent


def photograph(
    objects: list[bpy.types.Object],
    size: int,
    samples: int,
    light: float,
    floor: bool,
    elevation: float = 90.0,
    threads: int = 1,
) -> Image.Image:
    """Render objects from above (``elevation`` 90 degrees) or from the front as an RGBA picture of ``size`` pixels.

    ``light`` is the key light's azimuth in degrees; ``floor`` adds an invisible white table that bounces light.
    """
    scene = bpy.context.scene
    _render_settings(size, samples, threads)
    world = bpy.data.worlds.new("world")
    scene.world = world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs[0].default_value, background.inputs[1].default_value = (1, 1, 1, 1), 0.36
    corners = np.vstack([np.array([o.matrix_world @ v.co for v in o.data.vertices]) for o in objects])
    tilt = math.radians(elevation)
    centre, extent = _framing(corners, tilt)
    low = corners.min(0)
    if floor:
        reach = np.array([(-20, -20), (20, -20), (20, 20), (-20, 20)]) + centre[:2]
        table = mesh_object("table", np.c_[reach, np.full(4, low[2] - 0.004)], np.array([[0, 1, 2, 3]]))
        table.data.materials.append(plain_material("table", np.full(3, 0.95), 0.9))
        table.visible_camera = False
    a = math.radians(light)
    key, fill = (
        np.array([1.6 * math.cos(a), 1.6 * math.sin(a), 1.05]),
        np.array([-1.5 * math.cos(a), -1.2 * math.sin(a), 1.8]),
    )
    _area_light(centre, extent * key, extent * 0.55, extent**2 * 58)
    _area_light(centre, extent * fill, extent * 1.6, extent**2 * 10)
    camera = bpy.data.cameras.new("camera")
    camera.sensor_width, camera.lens, camera.clip_end = 36, 36 * LENS, 200
    stand = bpy.data.objects.new("camera", camera)
    scene.collection.objects.link(stand)
    scene.camera = stand
    stand.location = centre + np.array([0, -math.cos(tilt), math.sin(tilt)]) * extent * FRAME * LENS
    stand.rotation_euler = (math.pi / 2 - tilt, 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.png"
        scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)
        return Image.open(path).convert("RGBA")
