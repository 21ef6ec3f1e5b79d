namespace GpuCam.Kernels;

/// <summary>
/// Random numbers without state: word <c>counter</c> of (seed, purpose, index) is a pure function, so any of them can be
/// had at any time, in any order, on any thread. The function is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel
/// random numbers: as easy as 1, 2, 3; SC 2011): integer arithmetic only, the same bits on every machine.
/// </summary>
/// <param name="seed">The key of the function: what the user calls the seed.</param>
/// <param name="purpose">What the numbers are for, one of <see cref="RandomPurpose"/>: two purposes never share a number.</param>
/// <param name="index">Which item, such as a sample or a parameter.</param>
public readonly struct CounterRandom(ulong seed, RandomPurpose purpose, ulong index)
{
    /// <summary>Word <paramref name="counter"/>, uniform over all 2^32 values.</summary>
    public uint Word(uint counter)
    {
        (uint a, uint b, uint c, uint d) = Block(counter >> 2);
        return (counter & 3) switch { 0 => a, 1 => b, 2 => c, _ => d };
    }

    /// <summary>The words 4 * <paramref name="block"/> to 4 * <paramref name="block"/> + 3 at once.</summary>
    public (uint A, uint B, uint C, uint D) Block(uint block) =>
        Philox(block, (uint)purpose, (uint)index, (uint)(index >> 32), (uint)seed, (uint)(seed >> 32));

    /// <summary>Uniform in [0, 1): a multiple of 2^-24, exact in float32.</summary>
    public float Uniform(uint counter) => ToUniform(Word(counter));

    /// <summary>Uniform over 0 … <paramref name="bound"/> - 1 (an error below bound / 2^32).</summary>
    public int Below(uint counter, int bound) => ToBelow(Word(counter), bound);

    /// <summary>
    /// Standard normal number <paramref name="counter"/>, by Box and Muller from the words 2 * counter and 2 * counter + 1.
    /// </summary>
    public float Normal(uint counter)
    {
        (uint a, uint b, uint c, uint d) = Block(counter >> 1);
        (uint radius, uint angle) = (counter & 1) == 0 ? (a, b) : (c, d);
        double uniform = (radius + 1.0) * (1.0 / 4294967296.0);     // in (0, 1]: its logarithm is finite
        double turn = angle * (2.0 * Math.PI / 4294967296.0);
        return (float)(Math.Sqrt(-2.0 * Math.Log(uniform)) * Math.Cos(turn));
    }

    /// <summary>The words one after the other, for code whose draws depend on earlier ones.</summary>
    public RandomSequence Sequence() => new(this);

    /// <summary>A word as a float32 in [0, 1).</summary>
    public static float ToUniform(uint word) => (word >> 8) * (1f / 16777216f);

    /// <summary>A word as an integer in 0 … <paramref name="bound"/> - 1.</summary>
    public static int ToBelow(uint word, int bound) => (int)(((ulong)word * (uint)bound) >> 32);

    /// <summary>Philox4x32 with ten rounds, counter (c0 … c3) and key (k0, k1).</summary>
    public static (uint A, uint B, uint C, uint D) Philox(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong even = 0xD2511F53ul * c0;
            ulong odd = 0xCD9E8D57ul * c2;
            c0 = (uint)(odd >> 32) ^ c1 ^ k0;
            c2 = (uint)(even >> 32) ^ c3 ^ k1;
            c1 = (uint)odd;
            c3 = (uint)even;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        return (c0, c1, c2, c3);
    }
}

/// <summary>What random numbers are for. Numbers for one purpose are never those for another.</summary>
public enum RandomPurpose
{
    /// <summary>Initial weights; the index is a hash of the parameter's name.</summary>
    Weights = 1,

    /// <summary>Order of the training samples; the index is the epoch.</summary>
    Shuffle = 2,

    /// <summary>Layout of training samples; the index is the sample.</summary>
    TrainLayout = 3,

    /// <summary>Layout of test samples; the index is the sample.</summary>
    TestLayout = 4,

    /// <summary>Order in which training targets are taken from the pool; the index is the pass over the pool.</summary>
    TrainTargets = 5,

    /// <summary>Order in which test targets are taken from the pool; the index is the pass over the pool.</summary>
    TestTargets = 6,

    /// <summary>Shape of drawn digits; the index is the digit.</summary>
    Strokes = 7,

    /// <summary>How the digits of augmented training samples are warped; the index is the sample.</summary>
    DigitWarp = 8,

    /// <summary>Channel weights of random maps; the index is the image.</summary>
    CamWeights = 9,

    /// <summary>Noise on the masks of maps; the index is the pass.</summary>
    CamNoise = 10,

    /// <summary>Noise on the pixels that ROAD removes; the index is the sample.</summary>
    RoadNoise = 20,

    /// <summary>How pictures are split and ordered; the index is a hash of a class's name, or a split.</summary>
    PictureSplit = 30,

    /// <summary>How a picture is cropped, mirrored and coloured for training; the index is 2^32 epochs + picture.</summary>
    PictureAugmentation = 31,

    /// <summary>Elements that a dropout layer sets to zero; the index is the layer and the step.</summary>
    Dropout = 40,
}

/// <summary>The words of a <see cref="CounterRandom"/> one after the other. A mutable value: a copy goes its own way.</summary>
public struct RandomSequence
{
    private readonly CounterRandom _random;
    private uint _next;
    private uint _b;
    private uint _c;
    private uint _d;

    internal RandomSequence(CounterRandom random) => _random = random;

    /// <summary>The next word, uniform over all 2^32 values.</summary>
    public uint NextWord()
    {
        uint position = _next++;
        switch (position & 3)
        {
            case 0:
                (uint first, _b, _c, _d) = _random.Block(position >> 2);
                return first;
            case 1:
                return _b;
            case 2:
                return _c;
            default:
                return _d;
        }
    }

    /// <summary>The next number in [0, 1).</summary>
    public float NextUniform() => CounterRandom.ToUniform(NextWord());

    /// <summary>The next number between <paramref name="low"/> and <paramref name="high"/>.</summary>
    public float NextBetween(float low, float high) => low + (high - low) * NextUniform();

    /// <summary>The next integer in 0 … <paramref name="bound"/> - 1.</summary>
    public int NextBelow(int bound) => CounterRandom.ToBelow(NextWord(), bound);
}
