/**
 * The name, or the name with the first number that makes it another one than those that are taken, which it is added to. `key`:
 * what of names is compared.
 */
export function freeName(wanted: string, taken: Set<string>, key = (name: string) => name): string {
  let free = wanted;
  for (let number = 2; taken.has(key(free)); number += 1) free = `${wanted}-${number}`;
  taken.add(key(free));
  return free;
}
