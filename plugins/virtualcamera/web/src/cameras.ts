import { hub, type Problem, problemOf } from "@classhub/client";
import type { ReactiveController, ReactiveControllerHost } from "lit";

/** A virtual camera, as `GET /virtual-cameras` says. */
export interface VirtualCamera {
  id: string;
  name: string;
  on: boolean;
  live: boolean;
  device: string | null;
  device_name: string;
  lesson: string | null;
  code: string | null;
  title: string;
  hint: string;
}

export interface VirtualCameras {
  installed: boolean;
  width: number;
  height: number;
  rate: number;
  items: VirtualCamera[];
}

/** The virtual cameras as they are now, and switching one. */
export class Cameras implements ReactiveController {
  all: VirtualCameras | null = null;
  problem: Problem | null = null;
  busy = false;
  private leave: () => void = () => {};

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    this.leave = hub.stream.subscribe("x/virtualcamera/state", () => void this.load());
    void this.load();
  }

  hostDisconnected(): void {
    this.leave();
  }

  async load(): Promise<void> {
    try {
      this.all = await hub.api.get<VirtualCameras>("/virtual-cameras");
      if (!this.busy) this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.host.requestUpdate();
  }

  /** Show a microscope to this computer's programs, or none any more. */
  async show(camera: string, device: string | null): Promise<void> {
    this.busy = true;
    this.host.requestUpdate();
    const path = `/virtual-cameras/${encodeURIComponent(camera)}`;
    let problem: Problem | null = null;
    try {
      if (device === null) await hub.api.delete(path);
      else await hub.api.put(path, { device });
    } catch (error) {
      problem = problemOf(error);
    }
    this.busy = false;
    await this.load();
    this.problem = problem ?? this.problem;
    this.host.requestUpdate();
  }
}
