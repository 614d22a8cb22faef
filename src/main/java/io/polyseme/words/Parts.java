package io.polyseme.words;

import io.polyseme.vector.QuantisedRows;
import io.polyseme.vector.Rows;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a space, in a mapped file or in memory; {@link Layout} says what each holds.
 *
 * @param inverseNorms float32 for each word
 * @param frequencies null where not known
 */
record Parts(
    Rows rows,
    @Nullable Rows buckets,
    MemorySegment inverseNorms,
    @Nullable QuantisedRows quantised,
    @Nullable MemorySegment frequencies,
    MemorySegment slots,
    MemorySegment offsets,
    MemorySegment labels) {

  static Parts of(Layout layout, MemorySegment file) {
    int count = layout.count();
    int dimension = layout.dimension();
    return new Parts(
        new Rows(slice(file, layout.vectors()), count, dimension),
        layout.buckets() == 0
            ? null
            : new Rows(slice(file, layout.bucketVectors()), layout.buckets(), dimension),
        slice(file, layout.norms()),
        layout.quantised()
            ? new QuantisedRows(
                slice(file, layout.codes()),
                slice(file, layout.scales()),
                slice(file, layout.residuals()),
                count,
                dimension)
            : null,
        layout.hasFrequencies() ? slice(file, layout.frequencies()) : null,
        slice(file, layout.slotTable()),
        slice(file, layout.offsets()),
        slice(file, layout.labelBytes()));
  }

  private static MemorySegment slice(MemorySegment file, Layout.Part part) {
    return file.asSlice(part.at(), part.length());
  }
}
