/** As much of an element as the script of the phone page uses. */
export class SmallElement {
  readonly dataset: Record<string, string> = {};
  children: SmallElement[] = [];
  hidden = true;
  textContent = '';
  #parent: SmallElement | undefined;

  constructor(readonly id: string) {}

  get childNodes(): SmallElement[] {
    return this.children;
  }
  get firstElementChild(): SmallElement | null {
    return this.children[0] ?? null;
  }
  get nextElementSibling(): SmallElement | null {
    const siblings = this.#parent!.children;
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }
  remove(): void {
    this.#parent!.children = this.#parent!.children.filter((each) => each !== this);
  }
  insertBefore(child: SmallElement, before: SmallElement | null): void {
    const at = before === null ? this.children.length : this.children.indexOf(before);
    this.children.splice(at, 0, child);
    child.#parent = this;
  }
  replaceChildren(...children: SmallElement[]): void {
    this.children = [];
    for (const child of children) this.insertBefore(child, null);
  }
  querySelector(selector: string): SmallElement | null {
    return this.children.find(({ id }) => `#${id}` === selector) ?? null;
  }
  closest(): this {
    return this;
  }
}

/** A page with the parts that are live, made of the ids of what is in them. */
export class SmallDocument {
  readonly parts: SmallElement[];
  readonly buttons: SmallElement[] = [];
  readonly #listeners = new Map<string, (event: object) => void>();

  constructor(parts: Record<string, string[]>) {
    this.parts = Object.entries(parts).map(([id, ids]) => {
      const part = new SmallElement(id);
      part.dataset.live = /^(armed|course-)/.test(id) ? 'replace' : 'merge';
      part.replaceChildren(...ids.map((each) => new SmallElement(each)));
      return part;
    });
  }

  querySelectorAll(selector: string): SmallElement[] {
    return selector === '[data-live]' ? this.parts : this.buttons.filter(({ hidden }) => hidden);
  }
  getElementById(id: string): SmallElement | null {
    return this.parts.find((part) => part.id === id) ?? null;
  }
  importNode(node: SmallElement): SmallElement {
    return node;
  }
  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.set(type, listener);
  }
  click(target: SmallElement): void {
    this.#listeners.get('click')!({ target });
  }
}
