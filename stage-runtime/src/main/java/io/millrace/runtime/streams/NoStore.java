package io.millrace.runtime.streams;

import java.util.List;
import java.util.NoSuchElementException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The store of a table that needs none: keeps nothing, logs nothing.
 *
 * <p>{@code ensure.explicit.internal.resource.naming} refuses a table of the DSL without a named
 * store, even one that Kafka Streams would never make. A real store for the last join of a view
 * would double the writes of the view.
 */
final class NoStore implements KeyValueStore<Bytes, byte[]> {
  private final String name;
  private boolean open;

  private NoStore(String name) {
    this.name = name;
  }

  /**
   * For a table of which no operator wants old values. Not cached: a cache drops the tombstones of
   * keys that its store does not know.
   */
  static <K, V> Materialized<K, V, KeyValueStore<Bytes, byte[]>> as(
      String name, Serde<K> keySerde, Serde<V> valueSerde) {
    return Materialized.<K, V>as(new Supplier(name))
        .withKeySerde(keySerde)
        .withValueSerde(valueSerde)
        .withLoggingDisabled()
        .withCachingDisabled();
  }

  private record Supplier(String name) implements KeyValueBytesStoreSupplier {
    @Override
    public KeyValueStore<Bytes, byte[]> get() {
      return new NoStore(name);
    }

    @Override
    public String metricsScope() {
      return "none";
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    context.register(root, (key, value) -> {});
    open = true;
  }

  @Override
  public void put(Bytes key, byte @Nullable [] value) {}

  @Override
  public byte @Nullable [] putIfAbsent(Bytes key, byte[] value) {
    return null;
  }

  @Override
  public void putAll(List<KeyValue<Bytes, byte[]>> entries) {}

  @Override
  public byte @Nullable [] delete(Bytes key) {
    return null;
  }

  @Override
  public byte @Nullable [] get(Bytes key) {
    return null;
  }

  @Override
  public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
    return all();
  }

  @Override
  public KeyValueIterator<Bytes, byte[]> all() {
    return new Nothing();
  }

  @Override
  public long approximateNumEntries() {
    return 0;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }

  private static final class Nothing implements KeyValueIterator<Bytes, byte[]> {
    @Override
    public boolean hasNext() {
      return false;
    }

    @Override
    public KeyValue<Bytes, byte[]> next() {
      throw new NoSuchElementException();
    }

    @Override
    public Bytes peekNextKey() {
      throw new NoSuchElementException();
    }

    @Override
    public void close() {}
  }
}
