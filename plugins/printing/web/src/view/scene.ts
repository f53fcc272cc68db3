/** The model on the printer's plate, drawn by three.js: fetched only where something is to be seen. */
import {
  Box3,
  BoxGeometry,
  BufferAttribute,
  BufferGeometry,
  Color,
  DirectionalLight,
  DoubleSide,
  EdgesGeometry,
  Group,
  HemisphereLight,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshBasicMaterial,
  MeshStandardMaterial,
  type Object3D,
  PerspectiveCamera,
  PlaneGeometry,
  Points,
  PointsMaterial,
  Scene,
  Sphere,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { LineMaterial } from "three/examples/jsm/lines/LineMaterial.js";
import { LineSegments2 } from "three/examples/jsm/lines/LineSegments2.js";
import { LineSegmentsGeometry } from "three/examples/jsm/lines/LineSegmentsGeometry.js";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { STLLoader } from "three/examples/jsm/loaders/STLLoader.js";
import type { Places, Volume } from "../model.js";

export interface Colours {
  model: string;
  line: string;
  plate: string;
  mark: string;
}

const GRID = 10;

/** What a browser can draw at once while the hub still looks at the file. */
export const LOCAL = /\.(stl|glb)$/i;

/** One model on one plate; `close` gives everything back. */
export class ModelScene {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(35, 1, 0.1, 20_000);
  private readonly controls: OrbitControls;
  private readonly plate = new Group();
  /** The model's own millimetres, moved so that it stands in the middle of the plate. */
  private readonly placed = new Group();
  private readonly marks = new Group();
  private body: Object3D | null = null;
  private box = new Box3();
  private volume: Volume | null = null;
  private colours: Colours;
  private pending = 0;

  constructor(canvas: HTMLCanvasElement, colours: Colours) {
    this.colours = colours;
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.camera.up.set(0, 0, 1);
    this.scene.add(this.plate, this.placed, new HemisphereLight(0xffffff, 0x59666f, 1.7));
    // Light from over the shoulder, wherever one looks from.
    const lamp = new DirectionalLight(0xffffff, 1.9);
    lamp.position.set(-0.6, 0.9, 1);
    this.camera.add(lamp);
    this.scene.add(this.camera);
    this.placed.add(this.marks);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enableDamping = false;
    this.controls.addEventListener("change", () => this.draw());
    this.stage(null);
    this.frameAll();
  }

  close(): void {
    cancelAnimationFrame(this.pending);
    this.controls.dispose();
    for (const group of [this.plate, this.placed]) clear(group);
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  resize(width: number, height: number): void {
    if (!width || !height) return;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  paint(colours: Colours): void {
    this.colours = colours;
    this.stage(this.volume);
    this.body?.traverse((part) => {
      if (part instanceof Mesh) (part.material as MeshStandardMaterial).color.set(colours.model);
    });
    this.draw();
  }

  /** Show the printer's plate and how high it can build. */
  stage(volume: Volume | null): void {
    this.volume = volume;
    clear(this.plate);
    const { x, y, z } = volume ?? this.ownPlate();
    const ground = new Mesh(
      new PlaneGeometry(x, y),
      new MeshBasicMaterial({
        color: this.colours.plate,
        side: DoubleSide,
        transparent: true,
        opacity: 0.75,
      }),
    );
    ground.position.z = -0.05;
    const lines: number[] = [];
    for (let at = -Math.floor(x / 2 / GRID) * GRID; at <= x / 2; at += GRID)
      lines.push(at, -y / 2, 0, at, y / 2, 0);
    for (let at = -Math.floor(y / 2 / GRID) * GRID; at <= y / 2; at += GRID)
      lines.push(-x / 2, at, 0, x / 2, at, 0);
    const grid = new LineSegments(
      new BufferGeometry().setAttribute(
        "position",
        new BufferAttribute(new Float32Array(lines), 3),
      ),
      new LineBasicMaterial({ color: this.colours.line, transparent: true, opacity: 0.35 }),
    );
    this.plate.add(ground, grid);
    if (volume) {
      const block = new BoxGeometry(x, y, z);
      const frame = new LineSegments(
        new EdgesGeometry(block),
        new LineBasicMaterial({ color: this.colours.line, transparent: true, opacity: 0.75 }),
      );
      block.dispose();
      frame.position.z = z / 2;
      this.plate.add(frame);
    }
    this.draw();
  }

  /** Show a file that has not left this device yet. */
  async showFile(name: string, data: ArrayBuffer): Promise<void> {
    if (/\.glb$/i.test(name)) await this.showGlb(data);
    else this.show(new Mesh(new STLLoader().parse(data)));
  }

  /** Show the preview that the hub has made. */
  async showGlb(data: ArrayBuffer): Promise<void> {
    const { scene } = await new GLTFLoader().parseAsync(data, "");
    this.show(scene);
  }

  private show(body: Object3D): void {
    if (this.body) {
      this.placed.remove(this.body);
      clear(this.body);
    }
    body.traverse((part) => {
      if (!(part instanceof Mesh)) return;
      const geometry = part.geometry as BufferGeometry;
      const { itemSize } = geometry.getAttribute("position");
      if (itemSize !== 3) return;
      // Flat shading shows the facets that were drawn, and needs no normals of the file.
      part.material = new MeshStandardMaterial({
        color: this.colours.model,
        flatShading: true,
        roughness: 0.75,
        metalness: 0,
        side: DoubleSide,
      });
    });
    this.body = body;
    this.placed.add(body);
    body.updateMatrixWorld(true);
    this.placed.position.set(0, 0, 0);
    this.placed.updateMatrixWorld(true);
    this.box = new Box3().setFromObject(body);
    const middle = this.box.getCenter(new Vector3());
    this.placed.position.set(-middle.x, -middle.y, -this.box.min.z);
    if (!this.volume) this.stage(null);
    this.frame();
  }

  /** Light up where something was found; null for nothing. */
  mark(places: Places | null): void {
    clear(this.marks);
    if (places?.triangles.length) this.markTriangles(places.triangles);
    if (places?.edges.length) this.markEdges(places.edges);
    if (places?.points.length) this.markPoints(places.points);
    this.draw();
  }

  /** Bring what is marked into view, from where it can be seen. */
  approach(places: Places): void {
    const points: Vector3[] = [];
    for (const row of [...places.triangles, ...places.edges, ...places.points]) {
      for (let at = 0; at + 2 < row.length; at += 3) {
        points.push(new Vector3(row[at], row[at + 1], row[at + 2]).add(this.placed.position));
      }
    }
    if (points.length === 0) return;
    const found = new Sphere().setFromPoints(points);
    const whole = this.sphere();
    const radius = Math.max(found.radius * 1.6, whole.radius * 0.45);
    const away = found.center.clone().sub(whole.center);
    // From the side on which it lies; what is below is looked at from slightly below the plate.
    const direction = away.lengthSq() > 1e-6 ? away.normalize() : new Vector3(-0.6, -1, 0.7);
    direction.z = Math.max(-0.45, Math.min(0.8, direction.z));
    if (Math.hypot(direction.x, direction.y) < 0.3) direction.add(new Vector3(-0.5, -0.8, 0));
    this.look(found.center, radius, direction.normalize());
  }

  /** See the whole model, from the front and above. */
  frame(): void {
    if (!this.body) this.frameAll();
    else
      this.look(
        this.sphere().center,
        this.sphere().radius * 1.25,
        new Vector3(-0.55, -1, 0.62).normalize(),
      );
  }

  /** See the whole printer. */
  frameAll(): void {
    const { x, y, z } = this.volume ?? this.ownPlate();
    const sphere = new Sphere(new Vector3(0, 0, z * 0.35), Math.hypot(x, y, z) * 0.5);
    this.look(sphere.center, sphere.radius, new Vector3(-0.55, -1, 0.55).normalize());
  }

  /** Turn around the model, in radians. */
  turn(sideways: number, upwards: number): void {
    const offset = this.camera.position.clone().sub(this.controls.target);
    offset.applyAxisAngle(this.camera.up, sideways);
    const axis = new Vector3().crossVectors(this.camera.up, offset).normalize();
    const next = offset.clone().applyAxisAngle(axis, -upwards);
    const lean = next.angleTo(this.camera.up);
    this.camera.position
      .copy(this.controls.target)
      .add(lean > 0.05 && lean < Math.PI - 0.05 ? next : offset);
    this.controls.update();
  }

  zoom(factor: number): void {
    const offset = this.camera.position.clone().sub(this.controls.target).multiplyScalar(factor);
    this.camera.position.copy(this.controls.target).add(offset);
    this.controls.update();
  }

  private look(center: Vector3, radius: number, direction: Vector3): void {
    const half = (this.camera.fov / 360) * Math.PI;
    const narrow = Math.min(half, Math.atan(Math.tan(half) * this.camera.aspect));
    const distance = radius / Math.sin(narrow);
    this.controls.target.copy(center);
    this.camera.position.copy(center).addScaledVector(direction, distance);
    this.camera.near = Math.max(0.1, distance / 200);
    this.camera.far = distance * 30 + 2000;
    this.camera.updateProjectionMatrix();
    this.controls.update();
    this.draw();
  }

  private sphere(): Sphere {
    return this.box.clone().translate(this.placed.position).getBoundingSphere(new Sphere());
  }

  /** A plate as large as the model needs, while no printer is known. */
  private ownPlate(): Volume {
    const size = this.box.isEmpty() ? new Vector3(100, 100, 60) : this.box.getSize(new Vector3());
    const side = Math.max(40, Math.ceil((Math.max(size.x, size.y) * 1.5) / GRID) * GRID);
    return { x: side, y: side, z: size.z };
  }

  private markTriangles(triangles: number[][]): void {
    const positions = new BufferAttribute(new Float32Array(triangles.flat()), 3);
    const geometry = new BufferGeometry().setAttribute("position", positions);
    // Once on the surface, and once faintly through everything that is before it.
    for (const through of [false, true]) {
      const material = new MeshBasicMaterial({
        color: this.colours.mark,
        side: DoubleSide,
        transparent: true,
        opacity: through ? 0.35 : 0.95,
        depthTest: !through,
        polygonOffset: true,
        polygonOffsetFactor: -4,
        polygonOffsetUnits: -4,
      });
      this.marks.add(above(new Mesh(geometry, material)));
    }
    this.markEdges(
      triangles.flatMap((t) => [
        [...t.slice(0, 3), ...t.slice(3, 6)],
        [...t.slice(3, 6), ...t.slice(6, 9)],
        [...t.slice(6, 9), ...t.slice(0, 3)],
      ]),
      2,
    );
  }

  private markEdges(edges: number[][], width = 5): void {
    const geometry = new LineSegmentsGeometry().setPositions(new Float32Array(edges.flat()));
    const material = new LineMaterial({
      color: new Color(this.colours.mark).getHex(),
      linewidth: width,
      depthTest: false,
      transparent: true,
    });
    this.marks.add(above(new LineSegments2(geometry, material)));
  }

  private markPoints(points: number[][]): void {
    const positions = new BufferAttribute(new Float32Array(points.flat()), 3);
    const geometry = new BufferGeometry().setAttribute("position", positions);
    const material = new PointsMaterial({
      color: this.colours.mark,
      size: 14 * this.renderer.getPixelRatio(),
      sizeAttenuation: false,
      depthTest: false,
      transparent: true,
    });
    this.marks.add(above(new Points(geometry, material)));
  }

  private draw(): void {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.renderer.render(this.scene, this.camera);
    });
  }
}

function above<T extends Object3D>(part: T): T {
  part.renderOrder = 10;
  return part;
}

/** Take everything out of a group and free what the graphics card holds of it. */
function clear(group: Object3D): void {
  group.traverse((part) => {
    const { geometry, material } = part as Partial<Mesh>;
    geometry?.dispose();
    for (const one of [material ?? []].flat()) one.dispose();
  });
  group.clear();
}
