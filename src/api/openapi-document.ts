export type Json =
  | null
  | boolean
  | number
  | string
  | Json[]
  | { readonly [name: string]: Json | undefined };

export type JsonObject = Readonly<Record<string, Json | undefined>>;

/** What we say in one of HTTP's methods at one address. */
export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly JsonObject[];
  readonly requestBody?: JsonObject;
  readonly responses: Readonly<Record<string, Json | Answer>>;
  /** The access that the guard enforces: see access.ts. */
  readonly 'x-access': { readonly role: string; readonly scope: string | null };
}

export interface Answer {
  readonly description: string;
  readonly headers: JsonObject;
  readonly content?: Readonly<Record<string, JsonObject>>;
}

/** OpenAPI 3.1: its schemas are JSON Schema 2020-12, so that ours go in as they are. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: JsonObject;
  readonly servers: readonly JsonObject[];
  readonly tags: readonly JsonObject[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks: JsonObject;
  readonly components: JsonObject;
}
