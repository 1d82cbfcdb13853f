/** What fleets that live in memory say of what they do not know. */

export function noOverride(id: string) {
  return {
    refused: { status: 404, title: "No such override", detail: `None is booked as ${id}.` },
  } as const;
}

export function noLease(id: string) {
  return {
    refused: { status: 404, title: "No such lease", detail: `${id} is over.` },
  } as const;
}

export function foreignLease(id: string) {
  return {
    refused: { status: 403, title: "The lease is another's", detail: `${id} is another's.` },
  } as const;
}

export function noInstance(name: string) {
  return {
    refused: { status: 404, title: "No such instance", detail: `Nobody knows ${name} here.` },
  } as const;
}
