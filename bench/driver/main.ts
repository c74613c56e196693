import { closedLoop, type Stages } from './closed-loop.js';
import type { Flow } from './flow.js';
import type { DriverMessage, Job } from './job.js';
import { orderFlow } from './order-flow.js';

// The driver: a process of its own, so that what it costs can be told from what it measures.

const tell = (message: DriverMessage): void => void process.send?.(message);

const stages: Stages = {
  measuring: () => tell({ kind: 'measuring' }),
  measured: () => tell({ kind: 'measured' }),
};

function flowOf({ flow, target }: Job): Flow {
  switch (flow) {
    case 'order':
      return orderFlow(target, 2);
    case 'order-hot':
      return orderFlow(target, 1);
  }
}

process.on('message', (job: Job) => {
  closedLoop(job, flowOf(job), stages).then(
    (measured) => tell({ kind: 'done', measured }),
    (error: unknown) => tell({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
tell({ kind: 'ready' });
