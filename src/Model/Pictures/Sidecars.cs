namespace GpuCam.Model;

/// <summary>What lies beside a model file and says how its pictures are prepared and what its classes are called.</summary>
public static class Sidecars
{
    private const string MeanImageNetwork = "ResNetPreprocess.onnx";
    private static readonly string[] s_classesOfModel = [".classes.txt", ".labels.txt", ".classes.json", ".labels.json"];
    private static readonly string[] s_classesOfFolder = ["labels.txt", "classes.txt", "config.json", "preprocessor_config.json"];
    private static readonly string[] s_preprocessingOfFolder = ["preprocessor_config.json", "config.json"];

    /// <summary>The class names beside the model, and the file they are from; null where there are none.</summary>
    /// <param name="model">The model file.</param>
    /// <param name="classes">
    /// Its classes. A file that bears the model's name must have as many names; others in the folder may belong to another model and
    /// are passed over.
    /// </param>
    /// <exception cref="GpuCamException">The file that bears the model's name is wrong.</exception>
    public static (IReadOnlyList<string> Names, string File)? Classes(string model, int classes)
    {
        foreach (string file in OfModel(model, s_classesOfModel))
        {
            return (ClassNames.Load(file, classes), file);
        }

        foreach (string file in OfFolder(model, s_classesOfFolder))
        {
            if (ClassNames.TryParse(PreprocessingFile.ReadText(file), file) is { } names && names.Count == classes)
            {
                return (names, file);
            }
        }

        return null;
    }

    /// <summary>
    /// How pictures are prepared, by <c>MODEL.preprocess.json</c>, <c>preprocessor_config.json</c>, <c>config.json</c> or the network that
    /// does it for ML.NET's ResNets; null where none of them says it.
    /// </summary>
    /// <param name="model">The model file.</param>
    /// <exception cref="GpuCamException">A file that is there is wrong.</exception>
    public static Preprocessing? Preprocessing(string model)
    {
        foreach (string file in OfModel(model, [".preprocess.json"]))
        {
            return PreprocessingFile.Load(file);
        }

        foreach (string file in OfFolder(model, s_preprocessingOfFolder))
        {
            string text = PreprocessingFile.ReadText(file);
            if (PreprocessingFile.Describes(text, file))
            {
                return PreprocessingFile.Parse(text, file);
            }
        }

        return OfFolder(model, [MeanImageNetwork]).Select(MeanImageOf).FirstOrDefault();
    }

    /// <summary>
    /// ML.NET's ResNets want blue, green, red from 0 to 255 less a mean image, which lies beside them in a network of its own.
    /// </summary>
    private static Preprocessing MeanImageOf(string file)
    {
        GraphParameter mean = OnnxNetwork.Read(file).Graph.Parameters.FirstOrDefault(parameter => parameter.Shape is { N: 1, H: > 1, C: 3 })
            ?? throw new GpuCamException($"{file}: there is no mean image in it; give --preprocess");
        return Model.Preprocessing.Preset("caffe") with
        {
            Name = file,
            Mean = [0],
            MeanImage = new MeanImage(mean.Data!.ToArray(mean.Shape.Count), mean.Shape.H, mean.Shape.W, mean.Shape.C),
        };
    }

    /// <summary>With the model's extension and without: <c>a.onnx.classes.txt</c>, <c>a.classes.txt</c>.</summary>
    private static IEnumerable<string> OfModel(string model, string[] endings) =>
        endings.SelectMany(ending => (string[])[Path.ChangeExtension(model, null) + ending, model + ending]).Where(File.Exists);

    private static IEnumerable<string> OfFolder(string model, string[] names) =>
        names.Select(name => Path.Combine(Path.GetDirectoryName(model) ?? "", name)).Where(File.Exists);
}
