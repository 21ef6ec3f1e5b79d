using GpuCam.Model;

namespace GpuCam.Runner.Evaluation;

/// <summary>Localisation counted on all cores: which core an image falls to changes no figure.</summary>
internal sealed class SharedLocalisation(EvaluationPlan plan, ChosenThresholds? chosen)
{
    private Localisation[] _parts =
    [
        .. Enumerable.Range(0, AllCores.Count)
            .Select(_ => new Localisation(plan.Thresholds, chosen, plan.Heuristic, rules: plan.Rules)),
    ];

    /// <inheritdoc cref="Localisation.ChosenThreshold"/>
    public double? ChosenThreshold => _parts[0].ChosenThreshold;

    /// <summary>Calls <paramref name="add"/> for 0 … <paramref name="count"/> - 1, each with the counts of its core.</summary>
    public void For(int count, Action<Localisation, int> add) => AllCores.For(_parts.Length, part =>
    {
        for (int n = part; n < count; n += _parts.Length)
        {
            add(_parts[part], n);
        }
    });

    /// <summary>All counts in one.</summary>
    public Localisation Merged()
    {
        foreach (Localisation other in _parts.Skip(1))
        {
            _parts[0].Merge(other);
        }

        _parts = _parts[..1];
        return _parts[0];
    }
}
