import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import type { Settings } from '../kernel/settings.ts';

const SETTING = 'Accounts_Password_Policy_';
const SPECIAL_CHARACTER = /[^A-Za-z0-9 ]/;

interface Rule {
  /** The end of `get-password-policy-…`. */
  name: string;
  parameter?: Record<string, number>;
  violation: string;
  message: string;
  isBroken(password: string): boolean;
}

/** Refuses blank passwords always, and what breaks the policy when it is on (spec 20, "Password policy"). */
export function enforcePasswordPolicy(ctx: Context, password: string): void {
  const broken =
    password.trim() === ''
      ? [
          {
            error: 'error-password-policy-not-met',
            message: "The password provided does not meet the server's password policy.",
          },
        ]
      : activeRules(ctx.settings)
          .filter((rule) => rule.isBroken(password))
          .map((rule) => ({
            error: `error-password-policy-not-met-${rule.violation}`,
            message: rule.message,
          }));
  if (broken.length === 0) return;
  fail(
    'error-password-policy-not-met',
    "The password provided does not meet the server's password policy.",
    broken,
  );
}

/** The answer of `pw.getPolicy`. */
export function describePasswordPolicy(settings: Settings): { enabled: boolean; policy: unknown[] } {
  return {
    enabled: settings.bool(`${SETTING}Enabled`),
    policy: activeRules(settings).map(({ name, parameter }) => {
      const id = `get-password-policy-${name}`;
      return parameter ? [id, parameter] : [id];
    }),
  };
}

function activeRules(settings: Settings): Rule[] {
  if (!settings.bool(`${SETTING}Enabled`)) return [];
  const rules: Rule[] = [];
  const minLength = settings.int(`${SETTING}MinLength`);
  if (minLength >= 1) {
    rules.push({
      name: 'minLength',
      parameter: { minLength },
      violation: 'minLength',
      message: 'The password does not meet the minimum length password policy.',
      isBroken: (password) => password.length < minLength,
    });
  }
  const maxLength = settings.int(`${SETTING}MaxLength`);
  if (maxLength >= 1) {
    rules.push({
      name: 'maxLength',
      parameter: { maxLength },
      violation: 'maxLength',
      message: 'The password does not meet the maximum length password policy.',
      isBroken: (password) => password.length > maxLength,
    });
  }
  if (settings.bool(`${SETTING}ForbidRepeatingCharacters`)) {
    const most = settings.int(`${SETTING}ForbidRepeatingCharactersCount`);
    const message = 'The password contains repeating characters which is against the password policy.';
    const violation = 'repeatingCharacters';
    rules.push({ name: 'forbidRepeatingCharacters', violation, message, isBroken: () => false });
    rules.push({
      name: 'forbidRepeatingCharactersCount',
      parameter: { forbidRepeatingCharactersCount: most },
      violation,
      message,
      isBroken: (password) => most >= 1 && longestRun(password) > most,
    });
  }
  const kinds = [
    ['Lowercase', /[a-z]/, 'at least one lowercase character'],
    ['Uppercase', /[A-Z]/, 'at least one uppercase character'],
    ['Number', /[0-9]/, 'at least one numerical character'],
    ['SpecialCharacter', SPECIAL_CHARACTER, 'at least one special character'],
  ] as const;
  for (const [kind, pattern, text] of kinds) {
    if (!settings.bool(`${SETTING}AtLeastOne${kind}`)) continue;
    rules.push({
      name: `mustContainAtLeastOne${kind}`,
      violation: `one${kind === 'SpecialCharacter' ? 'Special' : kind}`,
      message: `The password does not contain ${text} which is against the password policy.`,
      isBroken: (password) => !pattern.test(password),
    });
  }
  return rules;
}

function longestRun(text: string): number {
  let longest = 0;
  let run = 0;
  let previous = '';
  for (const character of text) {
    run = character === previous ? run + 1 : 1;
    previous = character;
    longest = Math.max(longest, run);
  }
  return longest;
}
