import type { Asset } from "./types.js";

/** An asset as messages on the stream carry it: perhaps without the links, which follow its id. */
export function withLinks(asset: Omit<Asset, "links"> & Partial<Pick<Asset, "links">>): Asset {
  const address = `/api/v1/assets/${encodeURIComponent(asset.id)}`;
  return {
    ...asset,
    links: asset.links ?? { content: `${address}/content`, thumbnail: `${address}/thumbnail` },
  };
}

export interface AssetNews {
  change: "added" | "edited" | "deleted";
  asset: Asset;
}

/** Read a message of `assets/+`; null where it says nothing of an asset. */
export function assetNews(payload: unknown): AssetNews | null {
  const news = payload as Partial<AssetNews> | null;
  if (!news?.change || !news.asset?.id) return null;
  return { change: news.change, asset: withLinks(news.asset) };
}
