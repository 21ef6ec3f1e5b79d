using System.Text.Json;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>
/// A network whose input is twice as wide as high, and which sees red and blue: each class's map is that colour, so that everything of a
/// picture is known beforehand.
/// </summary>
public sealed class WideNetworkTests : IDisposable
{
    private const int Rows = 24, Columns = 48;
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _network;

    public WideNetworkTests()
    {
        _folder.Write("names.txt", "red\nblue\n");
        _network =
        [
            "--model", WriteNetwork(), "--preprocess", "unit", "--fit", "stretch", "--classes", _folder["names.txt"], "--data", WriteSet(),
        ];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Its_boxes_and_masks_are_measured_on_the_picture()
    {
        JsonElement result = Gpucam.Call([
            "eval", .. _network, "--metrics", "all", "--csv", _folder["found.csv"], "--write-score-maps", _folder["maps"], "--json",
        ]).Json();
        Assert.Equal((6, 1.0), (result.GetProperty("images").GetInt32(), result.GetProperty("accuracy").GetDouble()));
        JsonElement found = result.GetProperty("maps")[0].GetProperty("localisation");
        Assert.Equal(6, found.GetProperty("count").GetInt32());
        Assert.Equal(1, found.GetProperty("chosen").GetProperty("gt_known50").GetDouble());
        Assert.Equal(1, found.GetProperty("pixel_average_precision").GetDouble(), 1e-12);
        Assert.Equal(1, found.GetProperty("pointing_game").GetDouble());
        Assert.All(
            Directory.EnumerateFiles(_folder["maps"], "*.npy", SearchOption.AllDirectories),
            map => Assert.Equal([2 * Rows, 2 * Columns], GpuCam.Runner.Reports.Npy.ReadFile(map).Shape));
    }

    [Fact]
    public void Experiments_take_it()
    {
        JsonElement looked = Gpucam.Call(["experiment", "look-twice", .. _network, "--margin", "0", "--json"]).Json();
        Assert.Equal((1.0, 1.0), (looked.GetProperty("whole").GetDouble(), looked.GetProperty("cam_crop").GetDouble()));
        JsonElement options = looked.GetProperty("options");
        Assert.Equal((Columns, Rows), (options.GetProperty("canvas").GetInt32(), options.GetProperty("canvas_height").GetInt32()));
        Gpucam.Call([
            "experiment", "units", .. _network, "--class", "red", "--units", "2", "--out", _folder["units.png"], "--json",
        ]).Succeeded();
    }

    private string WriteNetwork()
    {
        using var device = new HostDevice(Backend.Simd, 1);
        var builder = new GraphBuilder();
        Value maps = builder.Conv2D("conv", builder.Input(GraphLayers.Image, new Shape(1, Rows, Columns, 3)), 2, 1);
        Value pooled = builder.GlobalPool("pooled", maps, GlobalPooling.Average);
        using var network = new Execution(device, new Network(builder.Build(builder.Linear("classifier", pooled, 2, bias: true)), []));
        HeInitialization.Fill(network.Parameters, 1);
        Set("conv.weight", [1, 0, 0, 0, 0, 1]);
        Set("classifier.weight", [20, 0, 0, 20]);
        using FileStream file = File.Create(_folder["wide.onnx"]);
        OnnxExport.Write(network, file, new OnnxExportOptions());
        return file.Name;

        void Set(string name, float[] values) => network.Parameters.Single(parameter => parameter.Name == name).Value.CopyFrom(values);
    }

    /// <summary>Pictures of twice the input's size with a red or blue rectangle, and where it is.</summary>
    private string WriteSet()
    {
        var rows = new List<string> { "file,label,split,x0,y0,x1,y1,mask" };
        for (int i = 0; i < 12; i++)
        {
            var picture = new Image8(2 * Columns, 2 * Rows);
            var mask = new Image8(2 * Columns, 2 * Rows);
            var box = new Box(4 * i, 2 * i, (4 * i) + 39, (2 * i) + 23);
            picture.FillRectangle(box.X0, box.Y0, box.Width, box.Height, i % 2 == 0 ? new Rgb(255, 0, 0) : new Rgb(0, 0, 255));
            mask.FillRectangle(box.X0, box.Y0, box.Width, box.Height, new Rgb(255, 255, 255));
            string label = i % 2 == 0 ? "red" : "blue", name = $"{label}/{i}.png";
            PngWriter.WriteFile(_folder[$"set/{name}"], picture);
            PngWriter.WriteFile(_folder[$"set/masks/{i}.png"], mask);
            rows.Add($"{name},{label},{(i < 6 ? "val" : "test")},{box.X0},{box.Y0},{box.X1},{box.Y1},masks/{i}.png");
        }

        _folder.Write("set/labels.csv", string.Join('\n', rows) + "\n");
        return _folder["set"];
    }
}
