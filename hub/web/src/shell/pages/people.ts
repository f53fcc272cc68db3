import {
  hub,
  includes,
  N_,
  type Page,
  type Person,
  type Problem,
  problemOf,
  type Role,
} from "@classhub/client";
import { base, define, HubElement, icon, personName, say, sayProblem, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** From this number on a list stands in two columns where there is room. */
const MANY = 8;
const ROLES: Role[] = ["pupil", "teacher", "engineer", "admin"];

const ROLE_NAMES: Record<Role, string> = {
  display: N_("Screen"),
  pupil: N_("Pupil"),
  teacher: N_("Teacher"),
  engineer: N_("Lab engineer"),
  admin: N_("Administrator"),
};

/** Who is in the lesson, and everybody the hub knows. */
class PeoplePage extends HubElement {
  static override properties = {
    people: { state: true },
    members: { state: true },
    problem: { state: true },
    adding: { state: true },
    erasing: { state: true },
    busy: { state: true },
  };
  static override styles = [
    base,
    css`
      .head { display: flex; flex-wrap: wrap; gap: var(--space-4); align-items: center; justify-content: space-between; }
      section { display: grid; gap: var(--space-4); }
      ul { padding: 0; overflow: hidden; }
      li { display: flex; gap: var(--space-3); align-items: center; padding: var(--space-2) var(--space-3) var(--space-2) var(--space-5); min-height: calc(var(--touch) + 1rem); }
      li { border-bottom: 1px solid var(--line); margin-bottom: -1px; }
      @media (min-width: 64rem) { ul.many { display: grid; grid-template-columns: 1fr 1fr; } }
      .sign { width: 2.6rem; height: 2.6rem; border-radius: 50%; display: grid; place-content: center; background: var(--accent-soft); color: var(--accent); font: var(--type-strong); flex: none; }
      .name { font: var(--type-strong); }
      form { display: grid; gap: var(--space-4); }
      form input, form select { margin-top: var(--space-2); }
      @media (max-width: 30rem) { li { padding-inline-start: var(--space-3); } li button span { display: none; } }
    `,
  ];
  declare people: Person[] | null;
  declare members: Person[];
  declare problem: Problem | null;
  declare adding: boolean;
  declare erasing: Person | null;
  declare busy: boolean;

  constructor() {
    super();
    this.people = null;
    this.members = [];
    this.problem = null;
    this.adding = false;
    this.erasing = null;
    this.busy = false;
  }

  protected override arrive(): void {
    const topics = ["lessons/+", "people/+"];
    this.keepLoaded(() => this.load(), { topics, sources: [hub.session] });
  }

  private async load(): Promise<void> {
    const lesson = hub.session.lesson;
    try {
      const [people, members] = await Promise.all([
        hub.api.all<Person>("/people"),
        lesson ? hub.api.get<Page<Person>>(`/lessons/${lesson.id}/members`) : null,
      ]);
      this.people = people.filter((person) => !person.erased);
      this.members = members?.items ?? [];
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async attempt(work: () => Promise<unknown>, done: string): Promise<boolean> {
    this.busy = true;
    try {
      await work();
      say(done);
      await this.load();
      return true;
    } catch (error) {
      sayProblem(problemOf(error));
      return false;
    } finally {
      this.busy = false;
    }
  }

  private async add(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const name = String(form.get("name") ?? "").trim();
    if (!name) return;
    const role = String(form.get("role") ?? "pupil");
    const added = await this.attempt(
      () => hub.api.post("/people", { name, role }),
      t("{name} is added.", { name }),
    );
    if (added) this.adding = false;
  }

  private async erase(): Promise<void> {
    const person = this.erasing;
    if (!person) return;
    await this.attempt(() => hub.api.delete(`/people/${person.id}`), t("The name is erased."));
    this.erasing = null;
  }

  private takeOut(person: Person): void {
    const lesson = hub.session.lesson;
    if (!lesson) return;
    void this.attempt(
      () => hub.api.delete(`/lessons/${lesson.id}/members/${person.id}`),
      t("{name} is no longer in the lesson.", { name: person.name }),
    );
  }

  override render(): TemplateResult {
    const lesson = hub.session.lesson;
    return html`<div class="page">
      <div class="head"><h1>${t("People")}</h1>
        <button class="primary" @click=${() => {
          this.adding = true;
        }}>${icon("plus")}${t("Add a person")}</button></div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${
        lesson
          ? html`<section><h2>${t("In the lesson “{title}”", { title: lesson.title })}</h2>
            ${
              this.members.length === 0
                ? html`<p class="muted">${t("Nobody has joined yet. Show the QR code on the home page.")}</p>`
                : html`<ul class="card ${this.members.length > MANY ? "many" : ""}">${this.members.map((person) => this.member(person))}</ul>`
            }</section>`
          : nothing
      }
      <section><h2>${t("Everybody")}</h2>
        ${
          this.people?.length === 0
            ? html`<p class="muted">${t("Nobody is known yet. Pupils appear when they join a lesson.")}</p>`
            : nothing
        }
        ${
          this.people?.length
            ? html`<p class="muted small">${tn("{n} person", "{n} people", this.people.length)}</p>
              <ul class="card ${this.people.length > MANY ? "many" : ""}">${this.people.map((person) => this.row(person))}</ul>`
            : nothing
        }
      </section>
      ${this.dialogs()}
    </div>`;
  }

  private who(person: Person): TemplateResult {
    return html`<span class="sign" aria-hidden="true">${[...personName(person.name)][0]?.toUpperCase() ?? ""}</span>
      <div class="grow"><p class="name">${personName(person.name)}</p><p class="muted small">${t(ROLE_NAMES[person.role])}</p></div>`;
  }

  private member(person: Person): TemplateResult {
    return html`<li>${this.who(person)}
      <button ?disabled=${this.busy} @click=${() => this.takeOut(person)} aria-label=${t("Take out: {name}", { name: person.name })}>
        ${icon("door")}<span>${t("Take out")}</span></button></li>`;
  }

  private row(person: Person): TemplateResult {
    const me = hub.session.principal?.person === person.id;
    const may = !me && includes(hub.session.principal?.role, person.role);
    return html`<li>${this.who(person)}
      ${
        may
          ? html`<button class="quiet" ?disabled=${this.busy} @click=${() => {
              this.erasing = person;
            }} aria-label=${t("Erase {name}", { name: person.name })}>${icon("erase")}<span>${t("Erase")}</span></button>`
          : nothing
      }</li>`;
  }

  private dialogs(): TemplateResult {
    const roles = ROLES.filter((role) => hub.session.may(role));
    return html`<hub-dialog .open=${this.adding} heading=${t("Add a person")} @close=${() => {
      this.adding = false;
    }}>${
      this.adding
        ? html`<form @submit=${this.add}>
          <div><label for="name">${t("Name or nickname")}</label><input id="name" name="name" maxlength="80" required autofocus autocomplete="off"></div>
          <div><label for="role">${t("Role")}</label><select id="role" name="role">${roles.map((role) => html`<option value=${role}>${t(ROLE_NAMES[role])}</option>`)}</select></div>
          <button class="primary" ?disabled=${this.busy}>${t("Add")}</button>
        </form>`
        : nothing
    }</hub-dialog>
    <hub-dialog .open=${this.erasing !== null} heading=${t("Erase {name}?", { name: this.erasing?.name ?? "" })} @close=${() => {
      this.erasing = null;
    }}>
      <p>${t("The name disappears everywhere and does not come back. The pictures stay, without a name.")}</p>
      <div class="row"><button class="danger" ?disabled=${this.busy} @click=${this.erase}>${t("Erase")}</button>
      <button @click=${() => {
        this.erasing = null;
      }}>${t("Keep")}</button></div>
    </hub-dialog>`;
  }
}
define("hub-people-page", PeoplePage);
