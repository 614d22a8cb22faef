package io.polyseme.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFolderTest {
  @TempDir Path temporary;
  private Path home;
  private Path folder;

  @BeforeEach
  void make() throws IOException {
    home = temporary.resolve("home");
    folder = Files.createDirectories(temporary.resolve("my-model"));
    write("model.onnx", "weights");
    write("tokenizer.json", "{}");
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private ModelFiles open() {
    return ModelStore.at(home).open(folder.toString(), Progress.NONE, Cancel.create());
  }

  private String failure() {
    return assertThrows(PolysemeException.class, this::open).getMessage();
  }

  @Test
  void aFolderWithoutConfigurationIsAModelOf512TokensWithoutPooling() {
    assertEquals(new ModelCard("my-model", "", "", "", null, false, 512, "", ""), open().card());
  }

  @Test
  void whatTheFilesSayIsTaken() throws IOException {
    write("config.json", "{\"max_position_embeddings\": 514, \"model_type\": \"xlm-roberta\"}");
    write("modules.json", "[{\"type\": \"sentence_transformers.models.Normalize\"}]");
    write(
        "1_Pooling/config.json",
        "{\"pooling_mode_cls_token\": true, \"word_embedding_dimension\": 8}");
    write(
        "config_sentence_transformers.json",
        "{\"prompts\": {\"query\": \"q: \", \"document\": \"d: \"}}");
    write("sentence_bert_config.json", "{\"max_seq_length\": 128}");
    assertEquals(
        new ModelCard("my-model", "", "", "", Pooling.CLS, true, 512, "q: ", "d: "), open().card());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"pooling_mode_mean_tokens\": true, \"pooling_mode_cls_token\": false}; MEAN",
        "{\"pooling_mode_max_tokens\": true}; MAX",
        "{\"pooling_mode\": \"cls\"}; CLS",
        "{\"pooling_mode_mean_tokens\": true, \"pooling_mode_max_tokens\": true};",
        "{\"pooling_mode_lasttoken\": true}; LAST",
        "{\"pooling_mode\": \"lasttoken\"}; LAST",
        "{\"pooling_mode_weightedmean_tokens\": true};",
        "{\"pooling_mode_mean_tokens\": true, \"include_prompt\": false};",
        "{\"pooling_mode_mean_tokens\": true, \"include_prompt\": true}; MEAN",
        "{\"pooling_mode_mean_tokens\": \"maybe\"};",
        "{};"
      })
  void poolingIsTakenOnlyWhereItIsSaidAndIsOneThatWeDo(String config, Pooling pooling)
      throws IOException {
    write("1_Pooling/config.json", config);
    assertEquals(pooling, open().card().pooling());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"pooling_mode_weightedmean_tokens\": true}; weightedmean_tokens",
        "{\"pooling_mode_mean_sqrt_len_tokens\": true}; mean_sqrt_len_tokens",
        "{\"pooling_mode_mean_tokens\": true, \"pooling_mode_max_tokens\": true}; mean_tokens, max_tokens",
        "{\"pooling_mode_mean_tokens\": true, \"include_prompt\": false}; include_prompt",
        "{}; do not say"
      })
  void aPoolingThatIsNotDoneIsNamed(String config, String named) throws IOException {
    write("1_Pooling/config.json", config);
    assertTrue(open().poolingProblem().contains(named), open().poolingProblem());
    write("1_Pooling/config.json", "{\"pooling_mode_cls_token\": true}");
    assertEquals("", open().poolingProblem());
    write("modules.json", "[{\"type\": \"sentence_transformers.models.Dense\"}]");
    assertTrue(open().poolingProblem().contains("Dense"), open().poolingProblem());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"max_position_embeddings\": 514, \"model_type\": \"roberta\", \"pad_token_id\": 1}; 512",
        "{\"max_position_embeddings\": 514, \"model_type\": \"camembert\"}; 512",
        "{\"max_position_embeddings\": 514, \"model_type\": \"mpnet\", \"pad_token_id\": 0}; 513",
        "{\"max_position_embeddings\": 8192, \"model_type\": \"modernbert\", \"pad_token_id\": 50283}; 8192",
        "{\"n_positions\": 2048, \"model_type\": \"nomic_bert\"}; 2048",
        "{\"max_position_embeddings\": null}; 512"
      })
  void theWindowIsTheNumberOfPositionsForTokens(String config, int window) throws IOException {
    write("config.json", config);
    assertEquals(window, open().card().window());
  }

  @Test
  void theTokenizersLimitIsTheLastThatIsAsked() throws IOException {
    write("tokenizer_config.json", "{\"model_max_length\": 256}");
    assertEquals(256, open().card().window());
    write("tokenizer_config.json", "{\"model_max_length\": 1000000000000000019884624838656}");
    assertEquals(512, open().card().window());
    write("sentence_bert_config.json", "{\"max_seq_length\": 384}");
    assertEquals(384, open().card().window());
    write("config.json", "{\"max_position_embeddings\": 448}");
    assertEquals(448, open().card().window());
  }

  @Test
  void thePaddingTokenIsTheConfigurations() throws IOException {
    assertTrue(open().paddingId().isEmpty());
    write("config.json", "{\"pad_token_id\": 151643}");
    assertEquals(151643, open().paddingId().orElseThrow());
    write("config.json", "{\"pad_token_id\": null}");
    assertTrue(open().paddingId().isEmpty());
    write("config.json", "{\"pad_token_id\": -1}");
    assertTrue(open().paddingId().isEmpty());
  }

  @Test
  void layersAfterThePoolingAreNotPassedOver() throws IOException {
    write("1_Pooling/config.json", "{\"pooling_mode_cls_token\": true}");
    write(
        "modules.json",
        "[{\"type\": \"m.Transformer\"}, {\"type\": \"m.Pooling\"}, {\"type\": \"m.Dense\"}]");
    assertEquals(null, open().card().pooling());
  }

  @Test
  void withoutPositionsTheLengthThatWasTrainedIsTheWindow() throws IOException {
    write("sentence_bert_config.json", "{\"max_seq_length\": 100}");
    assertEquals(100, open().card().window());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "\"text\"",
        "{\"max_position_embeddings\": \"many\"}",
        "{\"max_position_embeddings\": 2}",
        "{\"max_position_embeddings\": [1, 2]}"
      })
  void aBrokenConfigurationIsSaid(String config) throws IOException {
    write("config.json", config);
    String message = failure();
    assertTrue(message.contains("config") || message.contains("max_position"), message);
  }

  @Test
  void whatIsMissingIsSaid() throws IOException {
    Files.delete(folder.resolve("tokenizer.json"));
    assertTrue(failure().contains("has no tokenizer.json"), failure());
    Files.delete(folder.resolve("model.onnx"));
    assertTrue(failure().contains("has neither model.onnx nor onnx/model.onnx"), failure());
    Files.delete(folder);
    assertTrue(failure().contains("there is no model"), failure());
    Files.writeString(folder, "a file");
    assertTrue(failure().contains("is a file"), failure());
  }

  @Test
  void aChangedModelHasAnotherFingerprint() throws IOException {
    String before = open().fingerprint();
    assertEquals(before, open().fingerprint());
    write("model.onnx", "other weights");
    assertEquals(HubServer.hex("SHA-256", "other weights".getBytes("UTF-8")), open().fingerprint());
    // The memory of fingerprints is only that.
    Files.writeString(home.resolve("fingerprints.json"), "not JSON");
    assertEquals(HubServer.hex("SHA-256", "other weights".getBytes("UTF-8")), open().fingerprint());
  }

  @Test
  void anUnknownNameIsAnsweredWithThoseThatThereAre() {
    var error =
        assertThrows(
            PolysemeException.class,
            () -> ModelStore.at(home).open("bge-small-de", Progress.NONE, Cancel.create()));
    assertTrue(error.getMessage().contains("bge-small-en-v1.5"), error.getMessage());
    assertThrows(
        PolysemeException.class,
        () -> ModelStore.at(home).open("a\0b", Progress.NONE, Cancel.create()));
  }
}
