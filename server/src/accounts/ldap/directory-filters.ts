import type * as Ldapts from 'ldapts';
import type { Filter } from 'ldapts';
import { commaList } from '../../kernel/comma-list.ts';
import type { Settings } from '../../kernel/settings.ts';
import type { DirectoryId } from './directory-person.ts';

/**
 * What the directory is asked for. Only filters that administrators wrote are parsed; what people type and what the
 * directory answered goes into the value of a comparison as it is, never into the text of a filter, so that nothing in
 * it can mean anything there (RFC 4515 §3 would have it escaped).
 */
export class DirectoryFilters {
  readonly #ldapts: typeof Ldapts;
  readonly #settings: Settings;

  constructor(ldapts: typeof Ldapts, settings: Settings) {
    this.#ldapts = ldapts;
    this.#settings = settings;
  }

  /** Everybody who may have an account. Throws for a text that is no filter. */
  people(): Filter {
    const text = this.#settings.text('LDAP_User_Search_Filter').trim();
    return this.#ldapts.FilterParser.parseString(text || '(objectClass=*)');
  }

  /** Whoever logs in by this name. */
  named(name: string): Filter {
    const fields = commaList(this.#settings.text('LDAP_User_Search_Field'));
    return this.#both(this.people(), this.#any(fields.map((field) => this.#equal(field, name))));
  }

  /** These people, as far as they may have an account. */
  identified(ids: readonly DirectoryId[]): Filter {
    const equal = ids.map(({ attribute, hex }) => this.#equal(attribute, Buffer.from(hex, 'hex')));
    return this.#both(this.people(), this.#any(equal));
  }

  /** The group that people must be in, if it has this member. Throws where the settings do not say who its members are. */
  groupWith({ dn, username }: { dn: string; username: string }): Filter {
    const group = (name: string) => this.#settings.text(`LDAP_Group_Filter_${name}`).trim();
    const values: Record<string, string> = { userdn: dn, username };
    const member = group('Group_Member_Format').replace(
      /#\{(\w+)\}/g,
      (whole, name: string) => values[name] ?? whole,
    );
    const memberAttribute = group('Group_Member_Attribute');
    // Without it everybody would be in the group.
    if (memberAttribute === '') throw new Error('LDAP_Group_Filter_Group_Member_Attribute is empty');
    const filters = [
      ['objectClass', group('ObjectClass')],
      [group('Group_Id_Attribute'), group('Group_Name')],
      [memberAttribute, member || dn],
    ] as const;
    return new this.#ldapts.AndFilter({
      filters: filters
        .filter(([attribute, value]) => attribute !== '' && value !== '')
        .map(([attribute, value]) => this.#equal(attribute, value)),
    });
  }

  #equal(attribute: string, value: string | Buffer): Filter {
    return new this.#ldapts.EqualityFilter({ attribute, value });
  }

  /** Of nothing: nobody. */
  #any(filters: Filter[]): Filter {
    return new this.#ldapts.OrFilter({ filters });
  }

  #both(one: Filter, other: Filter): Filter {
    return new this.#ldapts.AndFilter({ filters: [one, other] });
  }
}
