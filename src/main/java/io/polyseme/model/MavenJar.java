package io.polyseme.model;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.maven.model.Repository;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.superpom.SuperPomProvider;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.RepositorySystemSession.CloseableSession;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.supplier.SessionBuilderSupplier;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.TransferCancelledException;
import org.eclipse.aether.transfer.TransferEvent;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultAuthenticationSelector;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.eclipse.aether.util.repository.DefaultProxySelector;

/**
 * Fetches one jar, without its dependencies, as the user's own Maven would: from his local
 * repository, or through the mirrors, proxies and servers of his settings.
 */
final class MavenJar {
  private MavenJar() {}

  static Path fetch(String coordinates, Progress progress, Cancel cancel) {
    try {
      return Resolver.fetch(coordinates, progress, cancel);
    } catch (NoClassDefFoundError e) {
      throw new PolysemeException(
          "%s is not on the class path, and fetching it needs Maven's resolver there: add the jar, or org.apache.maven.resolver:maven-resolver-supplier-mvn3 and org.apache.maven:maven-settings-builder"
              .formatted(coordinates),
          e);
    }
  }

  /** Opens what Maven's model builder keeps to itself. */
  private static final class SuperPom extends DefaultModelBuilderFactory {
    SuperPomProvider provider() {
      return newSuperPomProvider();
    }
  }

  /** Loaded only where the resolver, which is optional, is there. */
  private static final class Resolver {
    static Path fetch(String coordinates, Progress progress, Cancel cancel) {
      Settings settings = settings();
      RepositorySystem system = new RepositorySystemSupplier().get();
      try (CloseableSession session =
          new SessionBuilderSupplier(system)
              .get()
              .withLocalRepositoryBaseDirectories(localRepository(settings))
              .setOffline(settings.isOffline())
              .setSystemProperties(System.getProperties())
              .setMirrorSelector(mirrors(settings))
              .setProxySelector(proxies(settings))
              .setAuthenticationSelector(servers(settings))
              .setTransferListener(listener(coordinates, progress, cancel))
              .build()) {
        List<RemoteRepository> repositories =
            system.newResolutionRepositories(session, repositories());
        var request = new ArtifactRequest(new DefaultArtifact(coordinates), repositories, null);
        return system.resolveArtifact(session, request).getArtifact().getPath();
      } catch (ArtifactResolutionException e) {
        cancel.check();
        throw new PolysemeException(
            "cannot fetch %s: %s%s"
                .formatted(
                    coordinates,
                    e.getMessage(),
                    settings.isOffline() ? " (Maven's settings say offline)" : ""),
            e);
      } catch (IllegalArgumentException e) {
        throw new PolysemeException(
            "\"%s\" is not group:artifact:version".formatted(coordinates), e);
      } finally {
        system.shutdown();
      }
    }

    private static Settings settings() {
      var request = new DefaultSettingsBuildingRequest();
      String home = System.getenv("MAVEN_HOME");
      if (home != null) {
        request.setGlobalSettingsFile(new File(home, "conf/settings.xml"));
      }
      request.setUserSettingsFile(new File(System.getProperty("user.home"), ".m2/settings.xml"));
      request.setSystemProperties(System.getProperties());
      try {
        return new DefaultSettingsBuilderFactory()
            .newInstance()
            .build(request)
            .getEffectiveSettings();
      } catch (SettingsBuildingException e) {
        throw new PolysemeException("cannot read Maven's settings: " + e.getMessage(), e);
      }
    }

    private static Path localRepository(Settings settings) {
      String local = System.getProperty("maven.repo.local", settings.getLocalRepository());
      return local == null
          ? Path.of(System.getProperty("user.home"), ".m2", "repository")
          : Path.of(local);
    }

    /** Those that every Maven project starts with: its super POM names them. */
    private static List<RemoteRepository> repositories() {
      List<Repository> repositories =
          new SuperPom().provider().getSuperModel("4.0.0").getRepositories();
      return repositories.stream()
          .map(r -> new RemoteRepository.Builder(r.getId(), "default", r.getUrl()).build())
          .toList();
    }

    private static DefaultMirrorSelector mirrors(Settings settings) {
      var selector = new DefaultMirrorSelector();
      for (Mirror mirror : settings.getMirrors()) {
        selector.add(
            mirror.getId(),
            mirror.getUrl(),
            mirror.getLayout(),
            false,
            mirror.isBlocked(),
            mirror.getMirrorOf(),
            mirror.getMirrorOfLayouts());
      }
      return selector;
    }

    private static DefaultProxySelector proxies(Settings settings) {
      var selector = new DefaultProxySelector();
      for (Proxy proxy : settings.getProxies()) {
        if (proxy.isActive()) {
          selector.add(
              new org.eclipse.aether.repository.Proxy(
                  proxy.getProtocol(),
                  proxy.getHost(),
                  proxy.getPort(),
                  new AuthenticationBuilder()
                      .addUsername(proxy.getUsername())
                      .addPassword(proxy.getPassword())
                      .build()),
              proxy.getNonProxyHosts());
        }
      }
      return selector;
    }

    private static DefaultAuthenticationSelector servers(Settings settings) {
      var selector = new DefaultAuthenticationSelector();
      for (Server server : new ArrayList<>(settings.getServers())) {
        selector.add(
            server.getId(),
            new AuthenticationBuilder()
                .addUsername(server.getUsername())
                .addPassword(server.getPassword())
                .build());
      }
      return selector;
    }

    private static AbstractTransferListener listener(
        String coordinates, Progress progress, Cancel cancel) {
      return new AbstractTransferListener() {
        @Override
        public void transferProgressed(TransferEvent event) throws TransferCancelledException {
          try {
            cancel.check();
          } catch (PolysemeException e) {
            throw new TransferCancelledException(e.getMessage(), e);
          }
          progress.update(
              "fetching " + coordinates,
              event.getTransferredBytes(),
              event.getResource().getContentLength());
        }
      };
    }
  }
}
