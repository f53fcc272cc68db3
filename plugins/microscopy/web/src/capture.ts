import type { Asset, Hub } from "@classhub/client";

export interface CaptureRequest {
  /** The picture on the screen: this very one is kept. Left out, the next fresh one. */
  frame?: number;
  note?: string;
  lesson?: string;
  title?: string;
}

/** Keep a microscope's picture. It is stored safely when this resolves. */
export function capture(hub: Hub, device: string, request: CaptureRequest): Promise<Asset> {
  return hub.api.post<Asset>(`/microscopes/${encodeURIComponent(device)}/captures`, request);
}
