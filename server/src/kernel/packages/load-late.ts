import { createRequire } from 'node:module';

/**
 * A CommonJS package that is loaded with the first call, where its tables would make every start slower and nobody can wait
 * for an `import()`. It is found in `node_modules`, and is no part of the bundle.
 */
export function loadLate<T>(name: string): () => T {
  let loaded: T | undefined;
  return () => {
    loaded ??= createRequire(import.meta.url)(name) as T;
    return loaded;
  };
}
