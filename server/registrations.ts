/**
 * What is announced to a client after the start, gathered for one request, so that a document's first report finds all
 * that is offered for it. (The library's own gatherer takes each method once only.)
 */
import { type Connection, type Registration, RegistrationRequest, type RegistrationType } from 'vscode-languageserver';

export interface Registrations {
  add<RO>(type: RegistrationType<RO>, options: NoInfer<RO>): void;
  /** Nothing is sent where there is nothing: a client may not know of registering at all. */
  send(connection: Connection): Promise<void>;
}

export function createRegistrations(): Registrations {
  const registrations: Registration[] = [];
  return {
    add({ method }, registerOptions) {
      registrations.push({ id: crypto.randomUUID(), method, registerOptions });
    },
    async send(connection) {
      if (registrations.length > 0) await connection.sendRequest(RegistrationRequest.type, { registrations });
    },
  };
}
