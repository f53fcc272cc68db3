/** What one has done, in order, over several documents: a teacher rubs out in many at once. */
export class History {
  private done: string[][] = [];
  private undone: string[][] = [];

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** Something was done in these documents. */
  add(names: string[]): void {
    this.done.push(names);
    this.undone = [];
  }

  undo(one: (name: string) => void): void {
    const names = this.done.pop();
    if (!names) return;
    for (const name of names) one(name);
    this.undone.push(names);
  }

  redo(one: (name: string) => void): void {
    const names = this.undone.pop();
    if (!names) return;
    for (const name of names) one(name);
    this.done.push(names);
  }

  /** A document was begun anew: what was done in it cannot be undone any more. */
  forget(name: string): void {
    const without = (steps: string[][]) =>
      steps.map((names) => names.filter((one) => one !== name)).filter(({ length }) => length > 0);
    this.done = without(this.done);
    this.undone = without(this.undone);
  }
}
