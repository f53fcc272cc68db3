/** A 3D model of parts, drawn by three.js: fetched only where one is to be seen. */
import {
  AmbientLight,
  Box3,
  type BufferGeometry,
  Color,
  DirectionalLight,
  DoubleSide,
  Group,
  HemisphereLight,
  type Matrix4,
  Mesh,
  MeshStandardMaterial,
  type Object3D,
  PerspectiveCamera,
  Raycaster,
  Scene,
  Sphere,
  TextureLoader,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { STLLoader } from "three/examples/jsm/loaders/STLLoader.js";
import { Bench } from "./bench.js";

/** Parts that the file gives no colour get one each, so that they can be told apart. */
const COLOURS = [0xd98880, 0x7fb3d5, 0x82c99a, 0xf0c36d, 0xb59ad6, 0x76c7c0, 0xe59866, 0x9fb3c8];
const MARK = 0x00c2b8;
const RIGHT = 0x2ecc71;
const WRONG = 0xe74c3c;
const FAINT = 0.22;
/** From where a model is seen at first: the front, a little above. */
const FRONT = new Vector3(0.45, 0.4, 1).normalize();

export interface Part {
  object: Object3D;
  meshes: Mesh[];
  /** Moves it, and nothing else of the model; at the origin the part is where it belongs. */
  holder: Group;
  /** Where its middle is then. */
  middle: Vector3;
  /** How far it reaches from there. */
  radius: number;
  /** Where it goes when the model is wholly exploded. */
  away: Vector3;
}

/** How the parts are to look. */
export interface Look {
  hidden: Set<string>;
  marked: Set<string>;
  right: Set<string>;
  wrong: Set<string>;
  /** 0 to 100. */
  explode: number;
}

/** Where the middle of a part is in the picture, in pixels. */
export interface Spot {
  id: string;
  x: number;
  y: number;
}

/** One model; `close` gives everything back. */
export class PartScene {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(35, 1, 0.01, 1000);
  private readonly controls: OrbitControls;
  private readonly body = new Group();
  private readonly parts = new Map<string, Part>();
  /** The colours that parts have where nothing is marked. */
  private readonly colours = new Map<MeshStandardMaterial, Color>();
  private pending = 0;
  private bench: Bench | null = null;
  /** What the model fills when it is not taken apart. */
  private readonly whole = new Sphere();
  /** Called after each drawing. */
  drawn: () => void = () => {};

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    const lamp = new DirectionalLight(0xffffff, 1.8);
    lamp.position.set(-0.6, 0.9, 1);
    this.camera.add(lamp);
    const around = [new HemisphereLight(0xffffff, 0x59666f, 1.4), new AmbientLight(0xffffff, 0.3)];
    this.scene.add(this.body, this.camera, ...around);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enableDamping = false;
    this.controls.addEventListener("change", () => this.draw());
  }

  close(): void {
    cancelAnimationFrame(this.pending);
    this.bench?.close();
    this.controls.dispose();
    this.body.traverse((one) => {
      const { geometry, material } = one as Partial<Mesh>;
      geometry?.dispose();
      for (const each of [material ?? []].flat()) each.dispose();
    });
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  /** Read a file and show it. */
  async load(mediaType: string, data: ArrayBuffer): Promise<void> {
    if (mediaType === "model/stl") this.stl(data);
    else await this.glb(data);
    this.dress();
    this.body.updateMatrixWorld(true);
    this.loosen();
    this.spread();
    this.frame();
  }

  private stl(data: ArrayBuffer): void {
    const mesh = new Mesh<BufferGeometry>(new STLLoader().parse(data), new MeshStandardMaterial());
    // STL has z upwards, the scene y.
    const holder = new Group();
    holder.rotation.x = -Math.PI / 2;
    holder.add(mesh);
    this.body.add(holder);
    this.parts.set("0", part(mesh, [mesh]));
  }

  private async glb(data: ArrayBuffer): Promise<void> {
    const loader = new GLTFLoader();
    // Pictures inside come as blobs, which pages may show and may not fetch.
    loader.register((parser) => {
      parser.textureLoader = new TextureLoader(parser.options.manager);
      return { name: "classhub-pictures" };
    });
    const { scene, parser } = await loader.parseAsync(data, "");
    this.body.add(scene);
    const nodes = new Map<Object3D, string>();
    const json = parser.json as { nodes?: { mesh?: number }[] };
    scene.traverse((object) => {
      const at = parser.associations.get(object)?.nodes;
      if (at !== undefined && json.nodes?.[at]?.mesh !== undefined) nodes.set(object, String(at));
    });
    for (const [object, id] of nodes) this.parts.set(id, part(object, own(object, nodes)));
  }

  /** Give each part a material of its own. */
  private dress(): void {
    let at = 0;
    for (const { meshes } of this.parts.values()) {
      const colour = COLOURS[at++ % COLOURS.length] ?? MARK;
      for (const mesh of meshes) {
        const before = [mesh.material].flat()[0];
        const material =
          before instanceof MeshStandardMaterial ? before.clone() : new MeshStandardMaterial();
        material.side = DoubleSide;
        const plain = !material.map && !material.vertexColors;
        if (plain && material.color.getHex() === 0xffffff) {
          material.color.set(colour);
          material.metalness = 0;
          material.roughness = 0.75;
        }
        if (!mesh.geometry.getAttribute("normal")) material.flatShading = true;
        mesh.material = material;
        this.colours.set(material, material.color.clone());
      }
    }
  }

  /** Make every part movable without those that the file hangs on it. */
  private loosen(): void {
    const places = [...this.parts.values()].map((one) => one.object.matrixWorld.clone());
    let at = 0;
    for (const { object, holder } of this.parts.values()) {
      object.matrixAutoUpdate = false;
      object.matrix.copy(places[at++] as Matrix4);
      holder.add(object);
      this.body.add(holder);
    }
    this.body.updateMatrixWorld(true);
  }

  /** Work out where the middle of each part is, and where it goes when the model is taken apart. */
  private spread(): void {
    new Box3().setFromObject(this.body).getBoundingSphere(this.whole);
    const middle = this.whole.center;
    for (const one of this.parts.values()) {
      const box = new Box3();
      for (const mesh of one.meshes) box.expandByObject(mesh);
      if (box.isEmpty()) continue;
      const sphere = box.getBoundingSphere(new Sphere());
      one.middle.copy(sphere.center);
      one.radius = sphere.radius;
      one.away.copy(sphere.center).sub(middle).multiplyScalar(1.4);
    }
  }

  /**
   * Lay parts apart, to be put together again: the places where they belong are seen through.
   *
   * @param loose ids, in the order in which they lie. @param fixed those that stay where they are.
   */
  assemble(loose: string[], fixed: string[]): Bench {
    this.bench?.close();
    for (const { holder } of this.parts.values()) holder.position.set(0, 0, 0);
    this.body.updateMatrixWorld(true);
    const there = (ids: string[]) =>
      new Map(ids.flatMap((id) => (this.parts.has(id) ? [[id, this.parts.get(id) as Part]] : [])));
    const room = { camera: this.camera, canvas: this.canvas, body: this.body };
    const draw = () => this.draw();
    const bench = new Bench({ ...room, draw, loose: there(loose), fixed: there(fixed) });
    this.bench = bench;
    this.fit();
    return bench;
  }

  /** Parts are where they belong again. */
  disassemble(): void {
    if (!this.bench) return;
    this.bench.close();
    this.bench = null;
    this.frame();
  }

  /** See all that lies around. */
  private fit(): void {
    if (!this.bench) return;
    const { middle, across, up, deep } = this.bench.lay(this.camera.aspect, FRONT);
    const half = Math.tan((this.camera.fov / 360) * Math.PI);
    this.look(middle, Math.max(up / half, across / (half * this.camera.aspect)) + deep);
  }

  /** The largest part, and how much of the whole model's reach it has: 0 to 1. */
  largest(): { id: string; share: number } {
    const whole = this.whole.radius || 1;
    let found = { id: "", share: 0 };
    for (const [id, { radius }] of this.parts) {
      if (radius / whole > found.share) found = { id, share: radius / whole };
    }
    return found;
  }

  /** Parts of one shape have the same text. */
  shape(id: string): string {
    return (this.parts.get(id)?.meshes ?? []).map(({ geometry }) => geometry.uuid).join();
  }

  show(look: Look): void {
    const some = look.marked.size + look.right.size + look.wrong.size > 0;
    for (const [id, { holder, meshes, away }] of this.parts) {
      if (!this.bench) holder.position.copy(away).multiplyScalar(look.explode / 100);
      const colour = look.wrong.has(id)
        ? WRONG
        : look.right.has(id)
          ? RIGHT
          : look.marked.has(id)
            ? MARK
            : null;
      for (const mesh of meshes) {
        mesh.visible = !look.hidden.has(id);
        const material = mesh.material as MeshStandardMaterial;
        const base = this.colours.get(material) ?? new Color(0xffffff);
        material.color.copy(colour === null ? base : new Color(colour));
        material.emissive = new Color(colour ?? 0);
        material.emissiveIntensity = colour === null ? 1 : 0.25;
        const faint = some && colour === null && look.marked.size > 0 && !this.bench;
        material.transparent = faint;
        material.opacity = faint ? FAINT : 1;
        material.depthWrite = !faint;
        material.needsUpdate = true;
      }
    }
    this.draw();
  }

  /** The part at a place of the picture, in pixels from its corner; null for none. */
  at(x: number, y: number): string | null {
    const { clientWidth, clientHeight } = this.canvas;
    const point = new Vector2((x / clientWidth) * 2 - 1, 1 - (y / clientHeight) * 2);
    const ray = new Raycaster();
    ray.setFromCamera(point, this.camera);
    const seen = [...this.parts.values()].flatMap(({ meshes }) => meshes.filter((m) => m.visible));
    const [hit] = ray.intersectObjects(seen, false);
    if (!hit) return null;
    for (const [id, { meshes }] of this.parts) if (meshes.includes(hit.object as Mesh)) return id;
    return null;
  }

  /** Where the parts are that can be seen. */
  spots(): Spot[] {
    const { clientWidth, clientHeight } = this.canvas;
    return [...this.parts].flatMap(([id, { meshes }]) => {
      const box = new Box3();
      for (const mesh of meshes) if (mesh.visible) box.expandByObject(mesh);
      if (box.isEmpty()) return [];
      const seen = box.getCenter(new Vector3()).project(this.camera);
      return [{ id, x: ((seen.x + 1) / 2) * clientWidth, y: ((1 - seen.y) / 2) * clientHeight }];
    });
  }

  resize(width: number, height: number): void {
    if (!width || !height) return;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.fit();
    this.draw();
  }

  /** See all of it, from the front and a little above. */
  frame(): void {
    const radius = (this.whole.radius || 1) * 1.35;
    const half = (this.camera.fov / 360) * Math.PI;
    const narrow = Math.min(half, Math.atan(Math.tan(half) * this.camera.aspect));
    this.look(this.whole.center, radius / Math.sin(narrow));
  }

  private look(middle: Vector3, distance: number): void {
    this.controls.target.copy(middle);
    this.camera.position.copy(middle).addScaledVector(FRONT, distance);
    this.camera.near = distance / 200;
    this.camera.far = distance * 20;
    this.camera.updateProjectionMatrix();
    this.controls.update();
    this.draw();
  }

  /** Turn it, in radians. */
  turn(sideways: number): void {
    const offset = this.camera.position.clone().sub(this.controls.target);
    offset.applyAxisAngle(this.camera.up, sideways);
    this.camera.position.copy(this.controls.target).add(offset);
    this.controls.update();
  }

  private draw(): void {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.renderer.render(this.scene, this.camera);
      this.drawn();
    });
  }
}

function part(object: Object3D, meshes: Mesh[]): Part {
  const none = { middle: new Vector3(), away: new Vector3(), radius: 0 };
  return { object, meshes, holder: new Group(), ...none };
}

/** The meshes of a node that are no other part's. */
function own(object: Object3D, nodes: Map<Object3D, string>): Mesh[] {
  const found: Mesh[] = [];
  const walk = (one: Object3D): void => {
    if (one instanceof Mesh) found.push(one);
    for (const child of one.children) if (!nodes.has(child)) walk(child);
  };
  walk(object);
  return found;
}
