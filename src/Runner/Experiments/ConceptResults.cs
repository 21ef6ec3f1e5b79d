using GpuCam.Model;

namespace GpuCam.Runner.Experiments;

/// <summary>Concepts and what the network finds of them: <c>concepts.json</c>.</summary>
/// <param name="Format">The format of the file; a later one will have another number.</param>
/// <param name="Model">The model file.</param>
/// <param name="Precision">How the device rounded factors.</param>
/// <param name="Table">The table of pictures and concepts.</param>
/// <param name="Layer">The layer whose maps are pooled and weighted.</param>
/// <param name="TrainPictures">Pictures that heads learned from.</param>
/// <param name="TestPictures">Pictures that they are tested on and drawn for.</param>
/// <param name="MeanAveragePrecision">Mean over the concepts.</param>
/// <param name="Concepts">Concepts, in the order of their letters.</param>
/// <param name="LeftOut">Concepts with too few pictures to learn or test.</param>
internal sealed record ConceptResults(
    string Format, string Model, string Precision, string Table, string Layer, int TrainPictures, int TestPictures,
    double MeanAveragePrecision, IReadOnlyList<ConceptResult> Concepts, IReadOnlyList<string> LeftOut)
{
    public const string CurrentFormat = "gpucam-concepts/1";
}

/// <summary>A concept.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="TrainPictures">Pictures with it that its head learned from.</param>
/// <param name="TestPictures">Test pictures with it: their share of all is what chance would reach.</param>
/// <param name="AveragePrecision">Of the test pictures in the order of its score.</param>
/// <param name="Picture">The file with the maps of those that it scores highest.</param>
/// <param name="Top">Those, the highest first.</param>
internal sealed record ConceptResult(
    string Name, int TrainPictures, int TestPictures, double AveragePrecision, string Picture, IReadOnlyList<ConceptPicture> Top);

/// <summary>A test picture that a concept scores high.</summary>
/// <param name="Name">The picture, as the table has it.</param>
/// <param name="Probability">The sigmoid of its score.</param>
/// <param name="HasIt">Whether the table says so too.</param>
/// <param name="Box">The box around the map's strongest part, in pixels of the picture; null where the map is nowhere positive.</param>
internal sealed record ConceptPicture(string Name, double Probability, bool HasIt, Box? Box);
