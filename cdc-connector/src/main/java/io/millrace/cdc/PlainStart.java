package io.millrace.cdc;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * From where a {@link PlainSource} is read: from the committed offset on, if all that follows it is
 * still there; with a snapshot, if nothing was captured yet or someone asked for one; otherwise
 * from nowhere.
 */
final class PlainStart {
  private final PlainSource source;
  private final SourceRun.Parts parts;
  private final TransactionLog log;
  private final Footing footing;

  PlainStart(PlainSource source, SourceRun.Parts parts, TopicIds ids) throws InterruptedException {
    this.source = source;
    this.parts = parts;
    this.log = parts.log();
    this.footing = new Footing(source.system(), 0, new TreeMap<>(), ids.now());
  }

  /**
   * Finds it.
   *
   * @throws GapException when there is nowhere: what is missing is committed before
   */
  SourceRun.Start find() {
    SourceOffset last = log.committed().orElse(null);
    if (last == null) {
      last = unknown();
    }
    if (last == null) {
      return new SourceRun.Start(offset(parts.tables(), 0), FullSnapshot.initial(parts.rows()));
    }
    if (parts.requests().isPending() || last.snapshotRequested()) {
      log.commit(last.withSnapshotRequested());
      parts.requests().accepted();
      return new SourceRun.Start(
          offset(parts.tables(), last.base()),
          FullSnapshot.again(
              parts.rows(),
              source.position(last) + last.base(),
              last.base(),
              parts.topics().values()));
    }
    resume(last);
    List<CapturedTable> readable = readable(source, parts);
    requireKeys(readable);
    return new SourceRun.Start(offset(readable, last.base()), null);
  }

  /** Of a table that joins, what is committed meanwhile may be read twice: only keys tell. */
  private void requireKeys(List<CapturedTable> readable) {
    for (CapturedTable table : parts.tables()) {
      if (table.isKeyless() && !readable.contains(table)) {
        throw new IllegalStateException(
            "Table %s has no key, and the pipeline captures others already: %s tables without a key"
                    .formatted(table.from(), source.title())
                + " are captured from the first start on; remove it from source.tables, name"
                + " columns that tell its rows apart (source.tables.%s.key: [...]), or start a"
                    .formatted(table.name())
                + " pipeline under a new name");
      }
    }
  }

  private SourceOffset offset(List<CapturedTable> tables, long base) {
    return new SourceOffset(new TreeMap<>(), 0, parts.of(tables).captured(), footing, base);
  }

  /** The tables whose changes behind the committed offset can be read. */
  static List<CapturedTable> readable(PlainSource source, SourceRun.Parts parts) {
    return parts
        .log()
        .committed()
        .map(
            offset ->
                parts.tables().stream()
                    .filter(table -> source.isReadable(table.from(), offset))
                    .toList())
        .orElse(parts.tables());
  }

  /** What the topics hold when no offset says so; null when that is nothing. */
  private @Nullable SourceOffset unknown() {
    OptionalLong highest = HighestPosition.of(parts.file());
    if (highest.isEmpty()) {
      return null;
    }
    return offset(parts.tables(), 0)
        .at(source.place(highest.getAsLong()), 0)
        .withGap(
            Gap.of(
                "Topic %s has no offset, though the change topics hold changes: it was deleted or"
                        .formatted(CdcTopics.offsets(parts.file()))
                    + " emptied",
                parts.captured().keySet()));
  }

  private void resume(SourceOffset last) {
    Optional<Gap> gap = last.missing();
    if (gap.isEmpty()) {
      gap = behind(last);
      gap.ifPresent(found -> log.commit(last.withGap(found)));
    } else if (log.committed().isEmpty()) {
      log.commit(last);
    }
    if (gap.isPresent()) {
      throw new GapException(gap.get());
    }
  }

  private Optional<Gap> behind(SourceOffset last) {
    Optional<String> missing = source.missing(last);
    if (missing.isPresent()) {
      return Optional.of(Gap.of(missing.get(), last.tables().keySet()));
    }
    List<String> recreated =
        last.sameTables(offset(parts.tables(), 0)).stream()
            .filter(
                table -> {
                  String then = last.footing().topics().get(table);
                  return then != null && !then.equals(footing.topics().get(table));
                })
            .toList();
    return recreated.isEmpty()
        ? Optional.empty()
        : Optional.of(Gap.of("Change topics were deleted and created anew", recreated));
  }
}
