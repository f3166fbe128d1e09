/**
 * What a setting is: a name in the environment, a type, a default, a range, and a sentence on what
 * it does. `config.ts` holds the table of ours; `.env.example` is printed from it.
 */

interface Words {
  readonly about: string;
  /** What breaks, or who gets in, when it is wrong. */
  readonly danger?: string;
  /** Never printed with its value. */
  readonly secret?: true;
}

export interface Setting<T> extends Words {
  readonly fallback: T;
  /** As printed in .env.example: `1 to 65535`, `one of a, b`. */
  readonly range: string;
  readonly parse: (text: string) => T | { readonly fault: string };
}

export type SettingsOf<Table extends Record<string, Setting<unknown>>> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never;
};

export function text(
  fallback: string,
  words: Words & { readonly minLength?: number },
): Setting<string> {
  const least = words.minLength ?? 0;
  return {
    ...words,
    fallback,
    range: least === 0 ? 'text' : `text of ${least} characters or more`,
    parse: (value) =>
      value.length < least ? { fault: `needs ${least} characters or more` } : value,
  };
}

export function choice<const Options extends readonly string[]>(
  fallback: Options[number],
  options: Options,
  words: Words,
): Setting<Options[number]> {
  return {
    ...words,
    fallback,
    range: `one of ${options.join(', ')}`,
    parse: (value) =>
      options.find((option) => option === value) ?? {
        fault: `must be one of ${options.join(', ')}`,
      },
  };
}

export function toggle(fallback: boolean, words: Words): Setting<boolean> {
  return {
    ...words,
    fallback,
    range: 'true or false',
    parse: (value) =>
      value === 'true' ? true : value === 'false' ? false : { fault: 'must be true or false' },
  };
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

export function number(fallback: number, words: Words & Bounds): Setting<number> {
  const range = `${words.min} to ${words.max}`;
  return {
    ...words,
    fallback,
    range,
    parse: (value) => {
      const parsed = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
      const inside = parsed >= words.min && parsed <= words.max;
      return inside ? parsed : { fault: `must be a number, ${range}` };
    },
  };
}

export function integer(fallback: number, words: Words & Bounds): Setting<number> {
  const whole = number(fallback, words);
  return {
    ...whole,
    parse: (value) =>
      /^-?\d+$/.test(value)
        ? whole.parse(value)
        : { fault: `must be a whole number, ${whole.range}` },
  };
}

/** Numbers, comma separated. */
export function list(
  fallback: readonly number[],
  words: Words & Bounds & { readonly lengthMax: number },
): Setting<readonly number[]> {
  const one = number(0, words);
  const range = `1 to ${words.lengthMax} numbers of ${one.range}, comma separated`;
  return {
    ...words,
    fallback,
    range,
    parse: (value) => {
      const parsed = value.split(',').map((part) => one.parse(part.trim()));
      const numbers = parsed.filter((part) => typeof part === 'number');
      const fits = numbers.length === parsed.length && parsed.length <= words.lengthMax;
      return fits ? numbers : { fault: `must be ${range}` };
    },
  };
}

/**
 * All values, and a sentence for each setting that cannot be read. An empty variable is an unset
 * one.
 */
export function readSettings<Table extends Record<string, Setting<unknown>>>(
  table: Table,
  env: Readonly<Record<string, string | undefined>>,
): { values: SettingsOf<Table>; faults: string[] } {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const given = env[name]?.trim() ?? '';
    const parsed = given === '' ? setting.fallback : setting.parse(given);
    if (isFault(parsed)) {
      const shown = setting.secret === true ? '' : ` (${given})`;
      faults.push(`${name}${shown} ${parsed.fault}.`);
    } else values[name] = parsed;
  }
  // Proven by the loop: every name of the table has its parsed value, or there is a fault.
  return { values: values as SettingsOf<Table>, faults };
}

function isFault(value: unknown): value is { readonly fault: string } {
  return typeof value === 'object' && value !== null && 'fault' in value;
}

/** The text of `.env.example`. */
export function describeSettings(table: Record<string, Setting<unknown>>): string {
  const blocks = Object.entries(table).map(([name, setting]) => {
    const danger = setting.danger === undefined ? [] : [`# Danger: ${setting.danger}`];
    return [
      `# ${setting.about}`,
      `# ${setting.range}`,
      ...danger,
      `${name}=${String(setting.fallback)}`,
    ];
  });
  const head = '# Every setting with its default. Copy to .env and change what you need.\n';
  return [head, ...blocks.map((lines) => `${lines.join('\n')}\n`)].join('\n');
}
