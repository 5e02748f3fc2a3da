/** The person who uses the page, and what the person may do. The server decides: this only spares a person buttons that are refused. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Me } from './api.ts';

const STRANGER: Me = {
  name: '',
  role: 'viewer',
  by: 'session',
  rights: { edit: false, admin: false, reveal: false },
  sign_out: false,
};

export const MeContext = createContext(STRANGER);

export function useMe(): Me {
  return useContext(MeContext);
}

export function mayEdit({ rights }: Me): boolean {
  return rights.edit;
}

export function mayAdmin({ rights }: Me): boolean {
  return rights.admin;
}

/** Whether masked values may be shown in full. */
export function mayReveal({ rights }: Me): boolean {
  return rights.reveal;
}
