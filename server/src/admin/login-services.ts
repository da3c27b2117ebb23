import type { Context } from '../context.ts';
import { sha256hex } from '../kernel/ids.ts';

/** The external login services that can be switched on, with the end of their setting ids (spec 20, "OAuth surface"). */
const OAUTH_SERVICES = [
  { name: 'Facebook', service: 'facebook', idKey: 'appId', label: 'Facebook', color: '#325c99' },
  { name: 'Github', service: 'github', idKey: 'clientId', label: 'GitHub', color: '#4c4c4c' },
  {
    name: 'GitHub_Enterprise',
    service: 'github_enterprise',
    idKey: 'clientId',
    label: 'GitHub',
    color: '#4c4c4c',
  },
  { name: 'Gitlab', service: 'gitlab', idKey: 'clientId', label: 'GitLab', color: '#373d47' },
  { name: 'Google', service: 'google', idKey: 'clientId', label: 'Google', color: '#dd4b39' },
  { name: 'Linkedin', service: 'linkedin', idKey: 'clientId', label: 'LinkedIn', color: '#1b86bc' },
  { name: 'Meteor', service: 'meteor-developer', idKey: 'clientId', label: 'Meteor', color: '#de4f4f' },
  { name: 'Twitter', service: 'twitter', idKey: 'consumerKey', label: 'Twitter', color: '#02acec' },
  { name: 'Apple', service: 'apple', idKey: 'clientId', label: 'Apple', color: '#000000' },
  { name: 'Wordpress', service: 'wordpress', idKey: 'clientId', label: 'WordPress', color: '#1e8cbe' },
  { name: 'Drupal', service: 'drupal', idKey: 'clientId', label: 'Drupal', color: '#0073ba' },
  { name: 'Nextcloud', service: 'nextcloud', idKey: 'clientId', label: 'Nextcloud', color: '#0082c9' },
] as const;

const SERVER_URL: Readonly<Record<string, string>> = {
  github_enterprise: 'API_GitHub_Enterprise_URL',
  gitlab: 'API_Gitlab_URL',
  wordpress: 'API_Wordpress_URL',
  drupal: 'API_Drupal_URL',
  nextcloud: 'API_Nextcloud_URL',
};

/** A login service without its secret (spec 22, `service.configurations`). */
export interface LoginService {
  _id: string;
  service: string;
  [key: string]: unknown;
}

/** The login services that are switched on in the settings. They follow the settings at once and store nothing. */
export function listLoginServices(ctx: Context): LoginService[] {
  const { settings } = ctx;
  const services = OAUTH_SERVICES.filter(({ name }) => settings.bool(`Accounts_OAuth_${name}`)).map(
    ({ name, service, idKey, label, color }): LoginService => ({
      _id: serviceId(service),
      service,
      [idKey]: settings.text(`Accounts_OAuth_${name}_id`),
      buttonLabelText: label,
      buttonLabelColor: '#FFFFFF',
      buttonColor: color,
      loginStyle: 'popup',
      ...(SERVER_URL[service] ? { serverURL: settings.text(SERVER_URL[service]) } : {}),
    }),
  );
  if (!settings.bool('CAS_enabled')) return services;
  const cas = {
    _id: serviceId('cas'),
    service: 'cas',
    enabled: true,
    base_url: settings.text('CAS_base_url'),
    login_url: settings.text('CAS_login_url'),
    width: settings.int('CAS_popup_width'),
    height: settings.int('CAS_popup_height'),
  };
  return [...services, cas];
}

/** `settings.oauth`: cas and wordpress in full, of the others what a login button needs (spec 22). */
export function presentOAuthService(service: LoginService): Record<string, unknown> {
  if (service.service === 'cas' || service.service === 'wordpress') return service;
  return {
    _id: service._id,
    name: service.service,
    clientId: service.clientId ?? service.appId ?? service.consumerKey,
    buttonLabelText: service.buttonLabelText,
    buttonColor: service.buttonColor,
    buttonLabelColor: service.buttonLabelColor,
    custom: false,
  };
}

/** Stable over restarts and nodes, since nothing is stored. */
const serviceId = (service: string): string => sha256hex(`login service ${service}`).slice(0, 17);
