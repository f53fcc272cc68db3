/** Parts of a model that lie apart and are put together again; moved by pointers, in the plane of the picture. */
import {
  type Camera,
  DoubleSide,
  Group,
  Mesh,
  MeshBasicMaterial,
  type Object3D,
  Plane,
  Raycaster,
  Vector2,
  Vector3,
} from "three";
import { ring } from "./laying.js";
import type { Part, Spot } from "./scene.js";

const GLIDE_MS = 220;
const GHOST = 0x8fa8a3;
const AIMED = 0x00c2b8;

interface Room {
  camera: Camera;
  canvas: HTMLCanvasElement;
  body: Object3D;
  draw: () => void;
  /** Parts that lie apart, in their order. */
  loose: Map<string, Part>;
  /** Parts that stay where they are. */
  fixed: Map<string, Part>;
}

/** How far the things reach that lie around the middle. */
interface Extent {
  middle: Vector3;
  across: number;
  up: number;
  deep: number;
}

/** A part in somebody's hand. */
interface Held {
  part: string;
  plane: Plane;
  /** From the pointer to where the part is. */
  from: Vector3;
}

export class Bench {
  private readonly ghosts = new Map<string, { holder: Group; material: MeshBasicMaterial }>();
  private readonly held = new Map<number, Held>();
  private readonly lying = new Map<string, Vector3>();
  private readonly placed = new Set<string>();
  private readonly glides = new Map<string, number>();

  constructor(private readonly room: Room) {
    for (const [id, { object, meshes }] of room.loose) {
      const material = new MeshBasicMaterial({
        color: GHOST,
        transparent: true,
        opacity: 0.2,
        depthWrite: false,
        side: DoubleSide,
      });
      const holder = new Group();
      for (const mesh of meshes) {
        const ghost = new Mesh(mesh.geometry, material);
        ghost.matrixAutoUpdate = false;
        ghost.matrix.copy(object.matrix);
        if (mesh !== object) ghost.matrix.multiply(within(mesh, object));
        holder.add(ghost);
      }
      room.body.add(holder);
      this.ghosts.set(id, { holder, material });
    }
  }

  /** Lay the parts around the model, as the shape of the picture has room. */
  lay(aspect: number, front: Vector3): Extent {
    const all = [...this.room.loose.values(), ...this.room.fixed.values()];
    const middle = new Vector3();
    for (const one of all) middle.addScaledVector(one.middle, 1 / all.length);
    const core = Math.max(...all.map((one) => one.middle.distanceTo(middle) + one.radius));
    const largest = Math.max(...[...this.room.loose.values()].map((one) => one.radius));
    const right = new Vector3(0, 1, 0).cross(front).normalize();
    const up = front.clone().cross(right);
    const places = ring(this.room.loose.size, core, largest, aspect);
    let at = 0;
    for (const [id, one] of this.room.loose) {
      const { x, y } = places[at++] ?? { x: 0, y: 0 };
      const there = middle.clone().addScaledVector(right, x).addScaledVector(up, y);
      const lying = there.sub(one.middle);
      const before = this.lying.get(id);
      this.lying.set(id, lying);
      const untouched = !before || one.holder.position.distanceTo(before) < 1e-9;
      if (!this.placed.has(id) && untouched) one.holder.position.copy(lying);
    }
    const reach = (value: (place: { x: number; y: number }) => number) =>
      Math.max(core, ...places.map((place) => Math.abs(value(place)))) + largest;
    return { middle, across: reach((p) => p.x), up: reach((p) => p.y), deep: core };
  }

  /** Take a part in the hand, at a place of the picture; each pointer holds one. */
  take(pointer: number, part: string, x: number, y: number): boolean {
    const one = this.room.loose.get(part);
    const taken = [...this.held.values()].some((each) => each.part === part);
    if (!one || taken || this.placed.has(part)) return false;
    this.stay(part);
    const at = one.middle.clone().add(one.holder.position);
    const towards = this.room.camera.getWorldDirection(new Vector3());
    const plane = new Plane().setFromNormalAndCoplanarPoint(towards, at);
    const touched = this.meet(plane, x, y) ?? at;
    const from = one.holder.position.clone().sub(touched);
    this.held.set(pointer, { part, plane, from });
    return true;
  }

  /** The pointer goes on, with what it holds. */
  move(pointer: number, x: number, y: number): void {
    const held = this.held.get(pointer);
    const touched = held && this.meet(held.plane, x, y);
    if (!held || !touched) return;
    this.room.loose.get(held.part)?.holder.position.copy(touched.add(held.from));
    this.room.draw();
  }

  /** Let go; tells which part it was. */
  let(pointer: number): string | null {
    const held = this.held.get(pointer);
    this.held.delete(pointer);
    return held?.part ?? null;
  }

  /** How far a part's middle is from each open place, in pixels. */
  distances(part: string): Map<string, number> {
    const one = this.room.loose.get(part);
    if (!one) return new Map();
    const at = this.seen(one.middle.clone().add(one.holder.position));
    return this.from(at);
  }

  /** How far a place of the picture is from each open place, in pixels. */
  from({ x, y }: { x: number; y: number }): Map<string, number> {
    return new Map(this.places().map((place) => [place.id, Math.hypot(place.x - x, place.y - y)]));
  }

  /** The open places in the picture. */
  places(): Spot[] {
    return [...this.room.loose].flatMap(([id, { middle }]) =>
      this.placed.has(id) ? [] : [{ id, ...this.seen(middle) }],
    );
  }

  /** Half the size of a part in the picture, in pixels. */
  size(part: string): number {
    const one = this.room.loose.get(part);
    if (!one) return 0;
    const side = new Vector3(1, 0, 0).applyQuaternion(this.room.camera.quaternion);
    const edge = this.seen(one.middle.clone().addScaledVector(side, one.radius));
    const middle = this.seen(one.middle);
    return Math.hypot(edge.x - middle.x, edge.y - middle.y);
  }

  /** It is put where `target` belongs; of two alike, the other then lies where that one lay. */
  place(part: string, target: string): void {
    const one = this.room.loose.get(part);
    const other = this.room.loose.get(target);
    if (!one || !other) return;
    if (part !== target) {
      other.holder.position.copy(one.holder.position);
      const lay = this.lying.get(target);
      if (lay) one.holder.position.copy(lay);
    }
    this.placed.add(target);
    this.glide(target, new Vector3());
    const ghost = this.ghosts.get(target);
    if (ghost) ghost.holder.visible = false;
  }

  /** It goes back to where it lay. */
  back(part: string): void {
    const lay = this.lying.get(part);
    if (lay) this.glide(part, lay);
  }

  /** Let one place stand out; null for none. */
  aim(target: string | null): void {
    for (const [id, { material }] of this.ghosts) {
      material.color.set(id === target ? AIMED : GHOST);
      material.opacity = id === target ? 0.55 : 0.2;
    }
    this.room.draw();
  }

  close(): void {
    for (const part of this.glides.keys()) this.stay(part);
    for (const { holder, material } of this.ghosts.values()) {
      holder.removeFromParent();
      material.dispose();
    }
    for (const { holder } of this.room.loose.values()) holder.position.set(0, 0, 0);
    this.held.clear();
    this.room.draw();
  }

  private glide(part: string, to: Vector3): void {
    const holder = this.room.loose.get(part)?.holder;
    if (!holder) return;
    this.stay(part);
    const from = holder.position.clone();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const begun = performance.now();
    const step = (now: number): void => {
      const share = calm ? 1 : Math.min(1, Math.max(0, now - begun) / GLIDE_MS);
      holder.position.lerpVectors(from, to, share * (2 - share));
      this.room.draw();
      if (share < 1) this.glides.set(part, requestAnimationFrame(step));
      else this.glides.delete(part);
    };
    step(begun);
    if (calm) holder.position.copy(to);
  }

  private stay(part: string): void {
    cancelAnimationFrame(this.glides.get(part) ?? 0);
    this.glides.delete(part);
  }

  private meet(plane: Plane, x: number, y: number): Vector3 | null {
    const { clientWidth, clientHeight } = this.room.canvas;
    const ray = new Raycaster();
    const point = new Vector2((x / clientWidth) * 2 - 1, 1 - (y / clientHeight) * 2);
    ray.setFromCamera(point, this.room.camera);
    return ray.ray.intersectPlane(plane, new Vector3());
  }

  private seen(point: Vector3): { x: number; y: number } {
    const { clientWidth, clientHeight } = this.room.canvas;
    this.room.camera.updateMatrixWorld();
    const at = point.clone().project(this.room.camera);
    return { x: ((at.x + 1) / 2) * clientWidth, y: ((1 - at.y) / 2) * clientHeight };
  }
}

/** The place of a mesh within the part that it is of. */
function within(mesh: Object3D, object: Object3D): Object3D["matrix"] {
  return object.matrixWorld.clone().invert().multiply(mesh.matrixWorld);
}
