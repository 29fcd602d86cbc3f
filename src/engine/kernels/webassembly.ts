/** The part of the WebAssembly API that the engine uses; TypeScript has it only among the types of browsers. */
declare global {
  namespace WebAssembly {
    interface Module {
      readonly [Symbol.toStringTag]: "WebAssembly.Module";
    }
    const Module: new (bytes: NodeJS.ArrayBufferView) => Module;

    interface Memory {
      readonly buffer: SharedArrayBuffer;
    }
    const Memory: new (descriptor: {
      readonly initial: number;
      readonly maximum: number;
      readonly shared: boolean;
    }) => Memory;

    interface Instance {
      readonly exports: Readonly<Record<string, unknown>>;
    }
    const Instance: new (
      module: Module,
      imports: { readonly env: { readonly memory: Memory } },
    ) => Instance;
  }
}

/** WebAssembly counts memory in pages of this size. */
export const wasmPageBytes = 65_536;
