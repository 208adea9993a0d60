/** Records of one kind by id, in the order they were made. Records are replaced, never changed in place. */
export class Table<R extends { readonly id: string }> {
  private readonly records: Map<string, R>;

  constructor(
    records: readonly R[],
    private readonly onChange: () => void,
  ) {
    this.records = new Map(records.map((record) => [record.id, record]));
  }

  find(id: string): R | undefined {
    return this.records.get(id);
  }

  list(): readonly R[] {
    return [...this.records.values()];
  }

  put(record: R): R {
    this.records.set(record.id, record);
    this.onChange();
    return record;
  }

  /** Changes some members of a record; a record that is gone stays gone. */
  update(id: string, changes: Partial<R>): R | undefined {
    const record = this.records.get(id);
    return record === undefined ? undefined : this.put({ ...record, ...changes });
  }

  remove(id: string): boolean {
    const isRemoved = this.records.delete(id);
    if (isRemoved) this.onChange();
    return isRemoved;
  }
}
