using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Model.Onnx;

namespace GpuCam.Tests.Model.Explaining;

/// <summary>What an explainer says, against the parts that it is made of.</summary>
public sealed class ExplainerTests
{
    [Fact]
    public void A_file_and_what_lies_beside_it_are_enough()
    {
        RgbPicture picture = TinyPictures.Pictures[0];
        using var explainer = Explainer.Load(TinyPictures.Model);
        Explanation explanation = explainer.Explain(picture.Pixels.Span, picture.Width, picture.Height);
        Assert.Equal(TinyPictures.Names, explainer.ClassNames);
        Assert.Equal(TinyPictures.Names.Order(), explanation.Predictions.Select(prediction => prediction.Name).Order());
        Assert.Equal(explanation.Predictions.OrderByDescending(prediction => prediction.Probability), explanation.Predictions);
        Assert.Equal(1, explanation.Predictions.Sum(prediction => prediction.Probability), 1e-9);
        ClassMap map = Assert.Single(explanation.Maps);
        Assert.Equal((explanation.Best, "cam", explainer.DefaultLayer), (map.Class, map.Method, map.Layer));
        Assert.Equal((24, 18, 24 * 18, 24 * 18), (map.Rows, map.Columns, map.Values.Length, map.Raw.Length));
        Assert.Equal(picture.Pixels.Length, map.Overlay(picture.Pixels.Span).Length);
        Assert.Equal(explainer.LayerNames[^1], explainer.DefaultLayer);
        Assert.Equal(CamMethods.All.Select(method => method.Name), explainer.MethodNames);
    }

    [Fact]
    public void Every_method_maps_what_the_engine_maps()
    {
        RgbPicture picture = TinyPictures.Pictures[0];
        using Explainer explainer = TinyPictures.Load();
        using var device = new HostDevice(Backend.Simd, 1);
        using Execution network = NetworkLoader.Load(new NetworkRequest(TinyPictures.Model), device);
        using var engine = new CamEngine(network);
        Preprocessing preprocessing = network.Network.Preprocessing!;
        PictureGeometry plan = preprocessing.Plan(picture.Width, picture.Height);
        float[] input = new float[24 * 18 * 3];
        preprocessing.Apply(picture.Pixels.Span, plan, 3, input);
        using var classifier = new Classifier(network);
        float[] logits = classifier.Logits(input, new Shape(1, 24, 18, 3)).ToArray();
        Explanation usual = explainer.Explain(picture);
        Assert.Equal(logits, usual.Predictions.OrderBy(prediction => prediction.Index).Select(prediction => (float)prediction.Logit));
        foreach (string name in explainer.MethodNames)
        {
            ClassMap map = explainer.Explain(picture, new ExplainRequest { Method = name, Classes = [3] }).Map;
            ICamMethod method = CamMethods.Create(name);
            classifier.Logits(input, new Shape(1, 24, 18, 3));
            Assert.Equal(engine.MapToImage(method, engine.DefaultLayer, [3], rectify: false).ToArray(), map.Raw);
            Assert.Equal(engine.MapToImage(method, engine.DefaultLayer, [3]).ToArray(), map.Values);
            Assert.Equal((name, method.Scope == CamScope.WholeNetwork ? "all" : engine.DefaultLayer), (map.Method, map.Layer));
            Assert.Equal(MapRange.Of(map.Values), map.Range);
        }
    }

    [Fact]
    public void Classes_are_mapped_in_the_order_asked_for_and_the_best_ones_by_rank()
    {
        RgbPicture picture = TinyPictures.Pictures[2];
        using Explainer explainer = TinyPictures.Load();
        Explanation several = explainer.Explain(picture, new ExplainRequest { Method = "gradcam", Classes = [3, 0, 3] });
        Assert.Equal([3, 0, 3], several.Maps.Select(map => map.Class.Index));
        Assert.Equal(several.Maps[0].Raw, several.Maps[2].Raw);
        ClassMap alone = explainer.Explain(picture, new ExplainRequest { Method = "gradcam", Classes = [0] }).Map;
        Assert.Equal(alone.Raw, several.Maps[1].Raw);
        Explanation best = explainer.Explain(picture, new ExplainRequest { Top = 9 });
        Assert.Equal(best.Predictions, best.Maps.Select(map => map.Class));
    }

    [Fact]
    public void A_batch_says_what_single_calls_say()
    {
        using var explainer = Explainer.Load(TinyPictures.Model, TinyPictures.Options with { BatchSize = 3 });
        var request = new ExplainRequest { Method = "layercam", Layer = "middle", Top = 2, BoxThreshold = 0.5f };
        IReadOnlyList<Explanation> batch = explainer.Explain(TinyPictures.Pictures, request);
        Assert.Equal(TinyPictures.Pictures.Length, batch.Count);
        foreach ((RgbPicture picture, Explanation explanation) in TinyPictures.Pictures.Zip(batch))
        {
            TinyPictures.AssertSame(explainer.Explain(picture, request), explanation);
        }

        Assert.Empty(explainer.Explain([]));
    }

    [Fact]
    public void Pictures_whose_inputs_differ_in_size_are_not_put_into_one_batch()
    {
        Preprocessing asIs = Preprocessing.Preset("unit") with { Fit = PictureFit.None };
        using var explainer = Explainer.Load(TinyPictures.Model, TinyPictures.Options with { Preprocessing = asIs });
        RgbPicture[] pictures = [.. TinyPictures.Pictures, TinyPictures.Pictures[3]];
        IReadOnlyList<Explanation> batch = explainer.Explain(pictures);
        Assert.Equal(
            pictures.Select(picture => (picture.Width, picture.Height)), batch.Select(one => (one.Map.Columns, one.Map.Rows)));
        TinyPictures.AssertSame(batch[3], batch[4]);
    }

    [Fact]
    public void Several_layers_make_one_map_and_smoothing_makes_another()
    {
        RgbPicture picture = TinyPictures.Pictures[0];
        using Explainer explainer = TinyPictures.Load();
        var request = new ExplainRequest { Method = "layercam", Classes = [1], Layer = "middle+last" };
        ClassMap together = explainer.Explain(picture, request).Map;
        Assert.Equal("middle+last", together.Layer);
        Assert.Equal(together.Raw, together.Values);
        ClassMap[] maps = [.. Enum.GetValues<CamSmoothing>().Select(smoothing =>
            explainer.Explain(picture, request with { Layer = "last", Smoothing = smoothing }).Map)];
        Assert.Equal(maps.Length, maps.Select(map => string.Join(',', map.Raw)).Distinct().Count());
        TinyPictures.AssertSame(
            explainer.Explain(picture, request with { Layer = null }), explainer.Explain(picture, request with { Layer = "last" }));
        ClassMap margin = explainer.Explain(picture, request with { Layer = "last", Target = CamTarget.Margin }).Map;
        Assert.NotEqual(maps[0].Raw, margin.Raw);
    }

    [Fact]
    public void Settings_of_a_method_reach_it()
    {
        RgbPicture picture = TinyPictures.Pictures[0];
        using Explainer explainer = TinyPictures.Load();
        var request = new ExplainRequest { Method = "finercam", Classes = [1] };
        float[] plain = explainer.Explain(picture, request with { Settings = new CamMethodOptions { Gamma = 0 } }).Map.Raw;
        float[] gradcam = explainer.Explain(picture, request with { Method = "gradcam" }).Map.Raw;
        Assert.Equal(gradcam.Length, plain.Length);
        Assert.All(gradcam.Zip(plain), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.NotEqual(plain, explainer.Explain(picture, request).Map.Raw);
    }

    [Fact]
    public void Boxes_and_values_lie_on_the_picture()
    {
        RgbPicture picture = TinyPictures.Pictures[3];
        using Explainer explainer = TinyPictures.Load();
        var request = new ExplainRequest { Method = "layercam", Layer = "early", BoxThreshold = 0.9f };
        ClassMap map = explainer.Explain(picture, request).Map;
        IReadOnlyList<MapComponent> parts = new MapComponents().AboveShareOfMax(map.Values, 18, 0.9f);
        Assert.True(parts.Count > 1);
        Assert.Equal(parts.Select(part => map.Geometry.ToPicture(part.Box)), map.Boxes(0.9f));
        Assert.Equal(map.Boxes(0.9f)[0], map.Box);
        Assert.NotEqual(map.Boxes()[0], map.Box);
        Assert.Equal(map.Geometry.OnCopy(32, 24).ToPicture(parts[0].Box), map.BoxOn(32, 24));
        Assert.Equal(map.Geometry.MapToPicture(map.Values, 24, 18), map.OnPicture());
        Assert.Equal(map.Geometry.Seen.Area, map.OnPicture().Length);
        byte[] overlay = map.Overlay(picture.Pixels.Span, new OverlayOptions { Alpha = 1, Colors = ColorMaps.Viridis });
        Assert.Equal(
            MapOverlay.Paint(picture.Pixels.Span, 64, 48, map.OnPicture(), new OverlayOptions
            {
                Alpha = 1, Colors = ColorMaps.Viridis, Seen = map.Geometry.Seen,
            }), overlay);
    }

    [Fact]
    public void A_network_that_is_loaded_already_stays_its_owners()
    {
        using var device = new HostDevice(Backend.Simd, 1);
        Execution network = NetworkLoader.Load(new NetworkRequest(TinyPictures.Model), device);
        int before = device.LiveBuffers;
        var borrowed = new Explainer(network, owns: false);
        Explanation first = borrowed.Explain(TinyPictures.Pictures[0]);
        borrowed.Dispose();
        Assert.True(device.LiveBuffers >= before);
        var owned = new Explainer(network, owns: true);
        TinyPictures.AssertSame(first, owned.Explain(TinyPictures.Pictures[0]));
        owned.Dispose();
        owned.Dispose();
        Assert.Equal(0, device.LiveBuffers);
        Assert.Throws<ObjectDisposedException>(() => owned.Explain(TinyPictures.Pictures[0]));
    }

    [Fact]
    public void What_is_said_of_a_model_goes_before_what_lies_beside_it()
    {
        string[] names = ["a", "b", "c", "d", "e"];
        string bare = Path.Combine(PeerFolder.Small, "resnet", "opset13.onnx");
        ExplainerOptions options = TinyPictures.Options with { Preprocessing = Preprocessing.Preset("unit"), ClassNames = names };
        using Explainer said = Explainer.Load(TinyPictures.Model, options), alone = Explainer.Load(bare, options);
        Assert.Equal(names, said.ClassNames);
        TinyPictures.AssertSame(said.Explain(TinyPictures.Pictures[0]), alone.Explain(TinyPictures.Pictures[0]));
        using var padded = Explainer.Load(bare, options with { Fit = PictureFit.Pad });
        Assert.Equal(new Box(0, 0, 39, 29), padded.Explain(TinyPictures.Pictures[0]).Geometry.Seen);
    }
}
