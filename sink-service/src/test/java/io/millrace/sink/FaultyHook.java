package io.millrace.sink;

import io.millrace.sink.commit.CommitHook;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** A hook that breaks at one step of the protocol, once. */
final class FaultyHook implements CommitHook {
  /** Where it breaks. */
  enum Step {
    /** Before the hook does anything. */
    BEFORE,
    /** When the hook's work is done: files are closed, or tables committed, but no offsets. */
    AFTER,
    /** When the transaction is committed. */
    COMMITTED
  }

  private final CommitHook delegate;
  private final Step step;
  private final AtomicInteger until;
  private final Supplier<RuntimeException> fault;

  private FaultyHook(
      CommitHook delegate, Step step, AtomicInteger until, Supplier<RuntimeException> fault) {
    this.delegate = delegate;
    this.step = step;
    this.until = until;
    this.fault = fault;
  }

  /**
   * Breaks a hook.
   *
   * @param call at which call it breaks, from 1
   * @param fault what is thrown; may end the process instead of returning
   */
  static UnaryOperator<CommitHook> at(Step step, int call, Supplier<RuntimeException> fault) {
    return hook -> new FaultyHook(hook, step, new AtomicInteger(call), fault);
  }

  @Override
  public List<ProducerRecord<byte[], byte[]>> beforeCommit(Map<TopicPartition, Long> offsets) {
    breakAt(Step.BEFORE);
    List<ProducerRecord<byte[], byte[]>> records = delegate.beforeCommit(offsets);
    breakAt(Step.AFTER);
    return records;
  }

  @Override
  public void committed(Map<TopicPartition, Long> offsets) {
    breakAt(Step.COMMITTED);
    delegate.committed(offsets);
  }

  private void breakAt(Step here) {
    if (here == step && until.decrementAndGet() == 0) {
      throw fault.get();
    }
  }
}
