// A page in plain JavaScript: no build step, no library.
class ThermometerPage extends HTMLElement {
  async connectedCallback() {
    this.innerHTML = "<h1>Thermometer</h1><button>Write it down</button><ul></ul>";
    this.querySelector("button").addEventListener("click", () => this.note());
    await this.show();
  }

  async note() {
    const devices = await (await fetch("/api/v1/devices")).json();
    const device = devices.items.find((each) => each.kind === "thermometer");
    await fetch("/api/v1/x/thermometer/notes", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ device: device.id }),
    });
    await this.show();
  }

  async show() {
    const notes = await (await fetch("/api/v1/x/thermometer/notes")).json();
    const rows = notes.items.map((note) => {
      const row = document.createElement("li");
      row.textContent = `${note.celsius} °C, ${new Date(note.taken).toLocaleString()}`;
      return row;
    });
    this.querySelector("ul").replaceChildren(...rows);
  }
}

customElements.define("example-thermometer-page", ThermometerPage);
