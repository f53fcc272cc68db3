/** What the editor asks the hub and the browser about pictures, clips and sounds. */
import { type Asset, hub } from "@classhub/client";

/** What films are made of. */
export const MEDIA: readonly string[] = ["image/jpeg", "image/png", "video/mp4"];
/** What can be heard in them. */
export const SOUNDS: readonly string[] = [
  "audio/webm",
  "audio/ogg",
  "audio/wav",
  "audio/mpeg",
  "audio/mp4",
];
/** What some browsers call these. */
const OTHER_NAMES: Record<string, string> = {
  "audio/x-wav": "audio/wav",
  "audio/wave": "audio/wav",
  "audio/mp3": "audio/mpeg",
  "audio/x-m4a": "audio/mp4",
  "audio/aac": "audio/mp4",
  "video/webm": "audio/webm",
};
const PATIENCE = 5_000;

export function isVideo(asset: Pick<Asset, "media_type">): boolean {
  return asset.media_type.startsWith("video/");
}

/** The assets of these ids; those that are gone or not for the caller are left out. */
export async function fetchAssets(ids: Iterable<string>): Promise<Asset[]> {
  const asked = [...new Set(ids)].map((id) =>
    hub.api.get<Asset>(`/assets/${encodeURIComponent(id)}`).catch(() => null),
  );
  return (await Promise.all(asked)).filter((one) => one !== null);
}

/** How long a clip is, in seconds; null where the browser cannot tell. */
export function videoLength(asset: Asset): Promise<number | null> {
  return new Promise((resolve) => {
    const video = document.createElement("video");
    const tell = () => {
      clearTimeout(timer);
      const { duration } = video;
      video.removeAttribute("src");
      resolve(Number.isFinite(duration) && duration > 0 ? duration : null);
    };
    const timer = setTimeout(tell, PATIENCE);
    video.preload = "metadata";
    video.muted = true;
    video.addEventListener("loadedmetadata", tell);
    video.addEventListener("error", tell);
    video.src = asset.links.content;
  });
}

/** Keep a sound at the hub. */
export function keepSound(sound: Blob, title: string, lesson: string | null): Promise<Asset> {
  const plain = sound.type.split(";")[0]?.trim().toLowerCase() ?? "";
  const type = OTHER_NAMES[plain] ?? plain;
  const form = new FormData();
  form.append("file", new File([sound], title, { type }));
  form.append("title", title.slice(0, 200));
  if (lesson) form.append("lesson", lesson);
  return hub.api.form<Asset>("/assets", form);
}
