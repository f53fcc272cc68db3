/**
 * A guide's text as templates. Nothing of it is taken for HTML: tags in it are left out, and its
 * words are only ever text.
 */
import { html, nothing, type TemplateResult } from "lit";
import type { Token, Tokens } from "marked";

/** Where the links and images of a text lead. */
export interface Places {
  /** The address of a link, null where a reader of the hub cannot follow it: then its words stay. */
  link(href: string): string | null;
  image(href: string): string | null;
}

type Part = TemplateResult | string | typeof nothing | Part[];

/** The templates of these tokens, one after the other. */
export function render(tokens: Token[], places: Places): Part[] {
  return tokens.map((token) => one(token as Tokens.Generic, places));
}

function one(token: Tokens.Generic, places: Places): Part {
  const inner = () => render(token.tokens ?? [], places);
  switch (token.type) {
    case "paragraph":
      return html`<p>${inner()}</p>`;
    case "heading":
      return html`<h3>${inner()}</h3>`;
    case "list":
      return list(token as Tokens.List, places);
    case "table":
      return table(token as Tokens.Table, places);
    case "blockquote":
      return html`<blockquote>${inner()}</blockquote>`;
    case "code":
      return html`<pre tabindex="0"><code>${token.text}</code></pre>`;
    case "hr":
      return html`<hr>`;
    case "strong":
      return html`<strong>${inner()}</strong>`;
    case "em":
      return html`<em>${inner()}</em>`;
    case "del":
      return html`<s>${inner()}</s>`;
    case "codespan":
      return html`<code>${token.text}</code>`;
    case "br":
      return html`<br>`;
    case "link":
      return link(token as Tokens.Link, places);
    case "image":
      return image(token as Tokens.Image, places);
    case "text":
    case "escape":
      return token.tokens ? inner() : token.text;
    default:
      // Comments and tags, and what later versions of the reader may know.
      return nothing;
  }
}

function list(token: Tokens.List, places: Places): TemplateResult {
  const items = token.items.map((item) => html`<li>${itemParts(item, places)}</li>`);
  return token.ordered
    ? html`<ol start=${token.start || 1}>${items}</ol>`
    : html`<ul>${items}</ul>`;
}

/** Words that stand in an item without a paragraph get one. */
function itemParts(item: Tokens.ListItem, places: Places): Part[] {
  return item.tokens.map((token) =>
    token.type === "text"
      ? html`<p>${render([token], places)}</p>`
      : one(token as Tokens.Generic, places),
  );
}

function table(token: Tokens.Table, places: Places): TemplateResult {
  const cell = ({ tokens }: Tokens.TableCell) => render(tokens, places);
  const heads = token.header.some(({ text }) => text.trim() !== "");
  return html`<div class="table"><table>
    ${heads ? html`<thead><tr>${token.header.map((one) => (one.text.trim() ? html`<th scope="col">${cell(one)}</th>` : html`<td></td>`))}</tr></thead>` : nothing}
    <tbody>${token.rows.map((row) => html`<tr>${row.map((one) => html`<td><p>${cell(one)}</p></td>`)}</tr>`)}</tbody>
  </table></div>`;
}

function link(token: Tokens.Link, places: Places): Part {
  const href = places.link(token.href);
  const words = render(token.tokens, places);
  return href === null ? words : html`<a href=${href}>${words}</a>`;
}

function image(token: Tokens.Image, places: Places): Part {
  const address = places.image(token.href);
  return address === null ? token.text : html`<img src=${address} alt=${token.text}>`;
}
