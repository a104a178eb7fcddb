"""Cloth simulation in Blender: from a start shape towards the flat pattern's rest lengths."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from studio.cuts import Cloth

SCALE = 4.0  # Blender's cloth behaves best with a few units a metre
Floats = NDArray[np.float64]


def empty_scene() -> None:
    """Forget everything, so that no data block of an earlier garment is kept."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def mesh_object(
    name: str,
    points: Floats,
    faces: NDArray[np.int64],
    uv: Floats | None = None,
    slots: NDArray[np.int64] | None = None,
) -> bpy.types.Object:
    """A smooth-shaded mesh in the scene; ``uv`` has one row a face corner, ``slots`` a material index a face."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points.tolist(), [], faces.tolist())
    mesh.update()
    body = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(body)
    if slots is not None:
        mesh.polygons.foreach_set("material_index", slots.astype(np.int32))
    if uv is not None:
        mesh.uv_layers.new(name="uv").data.foreach_set("uv", uv.astype(np.float32).ravel())
    mesh.polygons.foreach_set("use_smooth", np.ones(len(mesh.polygons), bool))
    return body


def simulate(
    start: Floats,
    rest: Floats,
    faces: NDArray[np.int64],
    cloth: Cloth,
    frames: int,
    gravity: tuple[float, float, float],
    floor: bool,
    gap: float,
    pinned: NDArray[np.bool_] | None = None,
) -> Floats:
    """Run the cloth solver and return the final points in metres.

    ``start`` and ``rest`` are in metres, ``gravity`` in m/s^2, ``gap`` is the self-collision distance in metres.
    """
    empty_scene()
    scene = bpy.context.scene
    scene.gravity = gravity
    scene.frame_start, scene.frame_end = 1, frames
    body = mesh_object("cloth", start * SCALE, faces)
    body.shape_key_add(name="Basis")
    key = body.shape_key_add(name="rest")
    key.data.foreach_set("co", (rest * SCALE).astype(np.float32).ravel())
    key.value = 0
    modifier = body.modifiers.new("cloth", "CLOTH")
    settings, collision = modifier.settings, modifier.collision_settings
    settings.rest_shape_key = key
    settings.quality, settings.mass, settings.air_damping = cloth.quality, cloth.mass, cloth.air
    settings.tension_stiffness = settings.compression_stiffness = cloth.tension
    settings.shear_stiffness, settings.bending_stiffness = cloth.tension * 0.4, cloth.bending
    settings.tension_damping = settings.compression_damping = settings.shear_damping = 5
    settings.bending_damping = 0.5
    if cloth.pressure:
        settings.use_pressure, settings.uniform_pressure_force = True, cloth.pressure
    if pinned is not None:
        group = body.vertex_groups.new(name="pin")
        group.add([int(i) for i in np.where(pinned)[0]], 1.0, "REPLACE")
        settings.vertex_group_mass, settings.pin_stiffness = "pin", 1
    collision.use_self_collision = collision.use_collision = True
    collision.self_distance_min = collision.distance_min = gap * SCALE
    collision.self_friction = collision.friction = cloth.friction
    collision.collision_quality = 3
    if floor:
        bpy.ops.mesh.primitive_plane_add(size=20)
        plane = bpy.context.object
        plane.modifiers.new("collision", "COLLISION")
        plane.collision.thickness_outer, plane.collision.cloth_friction = 0.004, 20
    modifier.point_cache.frame_start, modifier.point_cache.frame_end = 1, frames
    for frame in range(1, frames + 1):
        scene.frame_set(frame)
    evaluated = body.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = evaluated.to_mesh()
    out = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", out)
    evaluated.to_mesh_clear()
    return out.reshape(-1, 3).astype(float) / SCALE
