import { type Device, type DeviceState, hub, type Problem, problemOf } from "@classhub/client";
import { i18n } from "@classhub/ui";
import type { ReactiveController, ReactiveControllerHost } from "lit";

/** The hub's devices with their states, kept up to date while the host is in the page. */
export class DeviceList implements ReactiveController {
  devices: Device[] | null = null;
  problem: Problem | null = null;
  /** The hub names kinds and problems in the language of the request. */
  private readonly again = () => void this.load();
  private end: (() => void) | null = null;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    void this.load();
    i18n.addEventListener("change", this.again);
    hub.stream.addEventListener("back", this.again);
    this.end = hub.stream.subscribe("+/state", (topic, payload) => this.hear(topic, payload));
  }

  hostDisconnected(): void {
    i18n.removeEventListener("change", this.again);
    hub.stream.removeEventListener("back", this.again);
    this.end?.();
    this.end = null;
  }

  private async load(): Promise<void> {
    try {
      this.devices = await hub.api.all<Device>("/devices");
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.host.requestUpdate();
  }

  private hear(topic: string, payload: unknown): void {
    if (this.devices === null) return;
    const id = topic.split("/")[0];
    const known = this.devices.find((device) => device.id === id);
    if (payload === null || !known) {
      void this.load();
      return;
    }
    const { name, kind: _, ...state } = payload as DeviceState & { name?: string; kind?: string };
    this.devices = this.devices.map((device) =>
      device === known
        ? { ...device, name: name ?? device.name, state: { ...device.state, ...state } }
        : device,
    );
    this.host.requestUpdate();
  }
}
