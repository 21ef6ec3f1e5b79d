namespace GpuCam.Model;

/// <summary>Changed copies of one image on their way to the network, a batch at a time; their scores come back in order.</summary>
internal sealed class PerturbedImages(int capacity)
{
    private readonly List<double> _scores = [];
    private readonly double[] _batchScores = new double[capacity];
    private readonly int[] _classes = new int[capacity];
    private float[] _images = [];
    private int _length;
    private int _count;
    private ImageScores _function = (_, _, _) => { };

    /// <summary>Begins with copies of an image of <paramref name="length"/> values.</summary>
    public void Start(int length, int classIndex, ImageScores scores)
    {
        if (_images.Length != length * capacity)
        {
            _images = new float[length * capacity];
        }

        (_length, _count, _function) = (length, 0, scores);
        Array.Fill(_classes, classIndex);
        _scores.Clear();
    }

    /// <summary>Adds a copy.</summary>
    public void Add(ReadOnlySpan<float> image)
    {
        if (_count == capacity)
        {
            Flush();
        }

        image.CopyTo(_images.AsSpan(_count++ * _length, _length));
    }

    /// <summary>The scores of all copies since <see cref="Start"/>.</summary>
    public IReadOnlyList<double> Scores()
    {
        Flush();
        return _scores;
    }

    private void Flush()
    {
        if (_count == 0)
        {
            return;
        }

        Span<double> scores = _batchScores.AsSpan(0, _count);
        _function(_images.AsSpan(0, _count * _length), _classes.AsSpan(0, _count), scores);
        _scores.AddRange(scores);
        _count = 0;
    }
}
