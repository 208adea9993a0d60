/** Records of one kind by id, in the order they were made. Records are replaced, never changed in place. */
export interface Table<R extends { readonly id: string }> {
  find(id: string): R | undefined;
  list(): readonly R[];
  put(record: R): R;
  /** Changes some members of a record; a record that is gone stays gone. */
  update(id: string, changes: Partial<R>): R | undefined;
  remove(id: string): boolean;
}

export function createTable<R extends { readonly id: string }>(initial: readonly R[], onChange: () => void): Table<R> {
  const records = new Map(initial.map((record) => [record.id, record]));
  const table: Table<R> = {
    find: (id) => records.get(id),
    list: () => [...records.values()],
    put(record) {
      records.set(record.id, record);
      onChange();
      return record;
    },
    update(id, changes) {
      const record = records.get(id);
      return record === undefined ? undefined : table.put({ ...record, ...changes });
    },
    remove(id) {
      const isRemoved = records.delete(id);
      if (isRemoved) onChange();
      return isRemoved;
    },
  };
  return table;
}
