namespace GpuCam.Kernels.Simd;

/// <content>
/// Shards: each is one thread's from its first image to its gradients, and nothing of it depends on which thread that was. What is
/// black waits for the sum over all shards, and goes the way back once.
/// </content>
internal sealed unsafe partial class LeNetEngine<TV>
{
    private AlignedBuffer<float>? _blankWeight;

    public void TrainShards(
        float* images, int* labels, float weight, LeNetTensors weights, IReadOnlyList<(int First, int Count)> shards,
        IReadOnlyList<LeNetShard> memory, Span<float> losses, Span<int> predictions, Action<int, int> done)
    {
        Prepare(weights, training: true);
        int count = shards.Sum(shard => shard.Count), next = -1;
        if (SkipBlank)
        {
            _blank.Look(images, count, _team);
        }

        // The costliest first, so that threads end together.
        int[] order = [.. Enumerable.Range(0, shards.Count).OrderByDescending(shard => SkipBlank ? _blank.Cost(shards[shard]) : 0)];
        fixed (float* loss = losses)
        fixed (int* prediction = predictions)
        {
            nint lossAt = (nint)loss, predictionAt = (nint)prediction;
            _team.Run(member =>
            {
                for (int at; (at = Interlocked.Increment(ref next)) < order.Length;)
                {
                    (int first, int length) = shards[order[at]];
                    int[] share = [.. Enumerable.Range(first, length)];
                    TrainShare(member, share, images, labels, weight, (float*)lossAt, (int*)predictionAt);
                    Leave(member, memory[member]);
                    done(member, order[at]);
                }
            });
        }
    }

    public void AddBlank(float* blank, LeNetTensors gradients)
    {
        if (!SkipBlank)
        {
            return;
        }

        (LeNetWorker<TV> worker, LeNetTally tally) = (_workers[0], _tallies[0]);
        int inputs = _shape.Channels1, outputs = _shape.Channels2, taps = 25;
        tally.Clear();
        worker.DPlanes.Clear();
        new ReadOnlySpan<float>(blank, tally.KindGradients).CopyTo(new Span<float>(tally.KindGradient, tally.KindGradients));
        _blank.Backward(worker, _turned.Start, _weights, tally);
        Elementwise.AddScaled<TV>(1, tally.Gradients.Conv1Bias, gradients.Conv1Bias, inputs);
        _blankWeight ??= new AlignedBuffer<float>((long)taps * inputs * outputs);
        float* made = _blankWeight.Start, sum = gradients.Conv2Weight;
        _team.Run(member =>
        {
            (int from, int to) = Share(inputs, member);
            WinogradWeights.Gradient<TV>(worker.DPlanes.Start, inputs, outputs, from, to, made);
            for (int tap = 0; tap < taps; tap++)
            {
                int at = ((tap * inputs) + from) * outputs;
                Elementwise.AddScaled<TV>(1, made + at, sum + at, (to - from) * outputs);
            }
        });
    }

    /// <summary>What a member has summed up over the images of a shard.</summary>
    private void Leave(int member, LeNetShard shard)
    {
        LeNetTensors gradients = shard.Gradients.Tensors;
        LeNetTally tally = _tallies[member];
        WinogradWeights.Gradient<TV>(
            _workers[member].DPlanes.Start, _shape.Channels1, _shape.Channels2, 0, _shape.Channels1, gradients.Conv2Weight);
        LeNetSum.Others<TV>([tally], _shape, gradients);
        var blank = new Span<float>(shard.Blank.HostPointer, shard.Blank.Count);
        blank.Clear();
        new ReadOnlySpan<float>(tally.KindGradient, tally.KindGradients).CopyTo(blank);
    }
}
