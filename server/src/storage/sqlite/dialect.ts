import {
  type FunctionNode,
  type OperationNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { type DialectFunction, givenValue, isDialectFunction } from '../dialect-functions.ts';
import { directKysely } from '../direct-kysely.ts';

class Compiler extends SqliteQueryCompiler {
  protected override visitFunction(node: FunctionNode): void {
    if (!isDialectFunction(node.func)) return super.visitFunction(node);
    const [first, second] = node.arguments;
    if (first) this.#write(node.func, first, second);
  }

  #write(name: DialectFunction, first: OperationNode, second: OperationNode | undefined): void {
    switch (name) {
      case 'gantry_json_items':
        this.append('json_each(');
        this.visitNode(first);
        return this.append(') as item');
      // SQLite gives a number for a number, and 1 or 0 for true and false.
      case 'gantry_json_text':
      case 'gantry_json_number':
      case 'gantry_json_flag':
        this.append('json_extract(');
        this.visitNode(first);
        this.append(', ');
        this.appendValue(pathOf(second));
        return this.append(')');
      case 'gantry_matches_case':
        this.visitNode(first);
        this.append(' glob ');
        return this.appendValue(givenValue(second));
    }
  }
}

/** A name never holds what would have to be escaped in a path: see `jsonAt`. */
const pathOf = (names: OperationNode | undefined): string =>
  `$${(givenValue(names) as readonly string[]).map((name) => `."${name}"`).join('')}`;

export const { readerOver, transactionOver } = directKysely({
  adapter: new SqliteAdapter(),
  compiler: new Compiler(),
  introspector: (db) => new SqliteIntrospector(db),
});
